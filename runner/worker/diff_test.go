package worker

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/modules"
)

func TestDiffHidesSecretsOldAndNew(t *testing.T) {
	s := &session{mask: &config.Masker{}}
	s.mask.Add("tomorrow's", "first line\n  second line")
	cases := map[string]struct{ before, after, want string }{
		"a new password": {
			"user: a\npassword: \"yesterday's\"\n", "user: a\npassword: \"tomorrow's\"\n",
			"-password: \"*** (another value)\n+password: \"***\"\n",
		},
		"the same password": {
			"user: a\npassword: \"tomorrow's\"\n", "user: b\npassword: \"tomorrow's\"\n",
			"-user: a\n+user: b\n password: \"***\"\n",
		},
		"appears": {"", "password: tomorrow's\n", "+password: ***\n"},
		"written otherwise": {
			"password = yesterday's\nport: 1\n", "  password: \"tomorrow's\"\nport: 2\n",
			"-*** (another value)\n-port: 1\n+  password: \"***\"\n+port: 2\n",
		},
		"in the middle of a line": {
			"conninfo = 'host=a password=yesterday's'\n", "conninfo = 'host=b password=tomorrow's'\n",
			"-*** (another value)\n+conninfo = 'host=b password=***'\n",
		},
		"the whole file": {"yesterday's\nsame\n", "tomorrow's\nsame\n", "-*** (another value)\n+***\n same\n"},
		"after a secret of several lines": {
			"password: yesterday's\n", "key: |\n  first line\n  second line\npassword: tomorrow's\n",
			"-password: *** (another value)\n+key: |\n+  ***\n+password: ***\n",
		},
		"a key that nobody told of": {
			"-----BEGIN EC PRIVATE KEY-----\nyesterday's\n-----END EC PRIVATE KEY-----\n",
			"x\n-----BEGIN PRIVATE KEY-----\ntoday\n-----END PRIVATE KEY-----\n",
			"------BEGIN EC PRIVATE KEY----- *** -----END EC PRIVATE KEY-----\n+x\n+-----BEGIN PRIVATE KEY----- *** -----END PRIVATE KEY-----\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := s.diff(&modules.Change{Before: []byte(c.before), After: []byte(c.after)})
			if !strings.HasSuffix(got, c.want) || strings.Contains(got, "yesterday") || strings.Contains(got, "tomorrow") || strings.Contains(got, "today") {
				t.Fatalf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}
