package haproxy

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// refuseForeign leaves a configuration alone that is neither pgrun's nor the
// package's: somebody's service stands on it.
func refuseForeign(ctx context.Context, t *runner.Target) error {
	text, err := t.ReadFile(ctx, configPath, modules.MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	mark, _, _ := strings.Cut(configText, "\n")
	if strings.HasPrefix(string(text), mark+"\n") {
		return nil
	}
	pristine, err := modules.Pristine(ctx, t, "haproxy", configPath)
	if err != nil || pristine {
		return err
	}
	return runner.Refuse("%s on %s was written by somebody else, and pgrun would replace all of it: "+
		"if nothing there is needed any more, move it away (mv %s %s.before) and run again; otherwise let another host be the balancer",
		configPath, t.Host.Name, configPath, configPath)
}
