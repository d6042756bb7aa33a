package command

import (
	"fmt"
	"os"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/control"
	"github.com/pgrun/pgrun/runner/ssh"
	"github.com/urfave/cli/v2"
)

// remote takes the connection flags; tell hears what was passed over.
func (p *program) remote(c *cli.Context, tell func(runner.Event)) (control.Remote, error) {
	key := c.String("private-key")
	if key != "" { // once here, rather than once for each host
		f, err := os.Open(key)
		if err != nil {
			return control.Remote{}, usagef("--private-key: %v", err)
		}
		_ = f.Close() // nothing was written
	}
	return control.Remote{Self: p.self, Dialer: ssh.NewDialer(ssh.Options{
		User: c.String("user"), PrivateKey: key, Forks: c.Int("forks"),
		AcceptNewHostKeys: c.Bool("accept-new-host-keys"),
		Log: func(format string, args ...any) {
			tell(runner.Event{Event: runner.EventWarning, Why: fmt.Sprintf(format, args...)})
		},
	})}, nil
}
