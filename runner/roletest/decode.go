package roletest

import (
	"bytes"
	"errors"
	"io"

	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// decode decodes a section strictly over its defaults.
func decode(text string, section runner.Role) error {
	d := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	d.KnownFields(true)
	if err := d.Decode(section); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
