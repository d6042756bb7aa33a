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
			"-password: \"*** (another value)\"\n+password: \"***\"\n",
		},
		"the same password": {
			"# Written by pgrun.\nuser: a\npassword: \"tomorrow's\"\n", "# Written by pgrun.\nuser: b\npassword: \"tomorrow's\"\n",
			"-user: a\n+user: b\n password: \"***\"\n",
		},
		"appears": {"", "password: tomorrow's\n", "+password: ***\n"},
		"written otherwise": {
			"password = yesterday's\nport: 1\n", "  password: \"tomorrow's\"\nport: 2\n",
			"-password *** (another value)\n-*** (another value)\n+  password: \"***\"\n+port: 2\n",
		},
		"in the middle of a line": {
			"conninfo = 'host=a password=yesterday's'\n", "conninfo = 'host=b password=tomorrow's'\n",
			"-conninfo *** (another value)\n+conninfo = 'host=b password=***'\n",
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

// TestDiffHidesSecretsOfOthers: of a file that somebody else wrote nobody told
// the secrets, also where the new text holds none.
func TestDiffHidesSecretsOfOthers(t *testing.T) {
	s := &session{mask: &config.Masker{}}
	s.mask.Add("tomorrow's")
	olds := map[string]string{
		"flow":         "authentication: {superuser: {username: a, password: yesterday}}\n",
		"JSON":         "{\n  \"ttl\": 30,\n  \"password\": \"yesterday\"\n}\n",
		"one line":     `{"ttl": 30, "etcd3": {"password": "yesterday"}}` + "\n",
		"block":        "password: |-\n  yesterday\n\n  yesterday too\nport: 1\n",
		"list":         "tokens:\n  - yesterday\n  - {a: yesterday}\nport: 1\n",
		"another key":  "keyfile_password: yesterday\n",
		"variable":     "archive_command: AWS_SECRET_ACCESS_KEY=yesterday aws s3 cp\n",
		"ldap":         "host all all all ldap ldapbinddn=x ldapbindpasswd=yesterday\n",
		"by a blank":   "user admin insecure-password yesterday\n",
		"at the start": "password yesterday\n",
	}
	for name, old := range olds {
		for to, after := range map[string]string{"a secret": "# Written by pgrun.\npassword: tomorrow's\n", "none": "# Written by pgrun.\nport: 2\n", "nothing": ""} {
			for from, before := range map[string]string{"theirs": old, "ours": "# Written by pgrun.\n" + old} {
				if got := s.diff(&modules.Change{Before: []byte(before), After: []byte(after)}); strings.Contains(got, "yesterday") || !strings.Contains(got, "***") {
					t.Errorf("%s, %s, to %s:\n%s", name, from, to, got)
				}
			}
		}
	}
	// What is not secret is shown, in a file of pgrun's with a secret in it too.
	got := s.diff(&modules.Change{
		Before: []byte("# Written by pgrun.\nttl: 30\npassword: yesterday\npassword_encryption: md5\n"),
		After:  []byte("# Written by pgrun.\nttl: 20\npassword: tomorrow's\npassword_encryption: scram-sha-256\n"),
	})
	for _, want := range []string{"-ttl: 30", "+ttl: 20", "-password: *** (another value)", "-password_encryption: md5"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing:\n%s", want, got)
		}
	}
	// And nothing at all of a file that is not, where a secret comes in.
	if got := s.diff(&modules.Change{Before: []byte("hunter2\nttl: 30\n"), After: []byte("password: tomorrow's\n")}); strings.Contains(got, "hunter2") || strings.Contains(got, "30") {
		t.Error(got)
	}
}
