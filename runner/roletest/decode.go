package roletest

import (
	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
)

// decode decodes a section over its defaults, as the worker does.
func decode(text string, section runner.Role) error {
	if text == "" {
		return nil
	}
	return config.DecodeText(text, section)
}
