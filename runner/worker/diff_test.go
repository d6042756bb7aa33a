package worker

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/modules"
)

func TestDiffHidesSecretsOldAndNew(t *testing.T) {
	s := &session{mask: &config.Masker{}}
	s.mask.Add("tomorrow's")
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
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := s.diff(&modules.Change{Before: []byte(c.before), After: []byte(c.after)})
			if !strings.HasSuffix(got, c.want) || strings.Contains(got, "yesterday") || strings.Contains(got, "tomorrow") {
				t.Fatalf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}
