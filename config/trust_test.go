package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// owned makes files with modes in a folder of mode 0700; a name that ends with
// a slash is a folder.
func owned(t *testing.T, modes map[string]os.FileMode) string {
	t.Helper()
	root := t.TempDir()
	for name := range modes {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if err := os.WriteFile(path, []byte("a: !file secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range modes {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(root, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestTrust(t *testing.T) {
	me, group := os.Geteuid(), os.Getegid()
	sticky := os.ModeSticky | 0o777
	for name, c := range map[string]struct {
		modes map[string]os.FileMode
		trust Trust
		want  string // "": fine
	}{
		"private":               {map[string]os.FileMode{"d/": 0o700, "d/i.yml": 0o600}, Trust{users: []int{me}}, ""},
		"readable":              {map[string]os.FileMode{"d/": 0o755, "d/i.yml": 0o644}, Trust{users: []int{me}}, ""},
		"writable":              {map[string]os.FileMode{"d/": 0o755, "d/i.yml": 0o646}, Trust{users: []int{me}}, "it is writable by everybody (owner "},
		"writable folder":       {map[string]os.FileMode{"d/": 0o777, "d/i.yml": 0o644}, Trust{users: []int{me}}, "its folder ROOT/d is writable by everybody"},
		"like /tmp":             {map[string]os.FileMode{"d/": sticky, "d/i.yml": 0o644}, Trust{users: []int{me}}, ""},
		"like /tmp, writable":   {map[string]os.FileMode{"d/": sticky, "d/i.yml": 0o666}, Trust{users: []int{me}}, "it is writable by everybody"},
		"a group":               {map[string]os.FileMode{"d/": 0o755, "d/i.yml": 0o664}, Trust{users: []int{me}}, "it is writable by the group "},
		"a group's folder":      {map[string]os.FileMode{"d/": 0o775, "d/i.yml": 0o644}, Trust{users: []int{me}}, "its folder ROOT/d is writable by the group "},
		"one's own group":       {map[string]os.FileMode{"d/": 0o775, "d/i.yml": 0o664}, Trust{users: []int{me}, groups: []int{group}}, ""},
		"somebody else's":       {map[string]os.FileMode{"d/": 0o755, "d/i.yml": 0o644}, Trust{users: []int{me + 1}}, "it belongs to neither root nor you (owner "},
		"somebody else's, /tmp": {map[string]os.FileMode{"d/": sticky, "d/i.yml": 0o600}, Trust{users: []int{me + 1}}, "it belongs to neither root nor you"},
	} {
		t.Run(name, func(t *testing.T) {
			root := owned(t, c.modes)
			got := strings.ReplaceAll(c.trust.fault(filepath.Join(root, "d/i.yml")), root, "ROOT")
			if !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTrustFollowsLinks(t *testing.T) {
	root := owned(t, map[string]os.FileMode{"safe/": 0o755, "open/": 0o777, "open/i.yml": 0o644})
	link := filepath.Join(root, "safe/i.yml")
	if err := os.Symlink("../open/i.yml", link); err != nil {
		t.Fatal(err)
	}
	if got := (Trust{users: []int{os.Geteuid()}}).fault(link); !strings.Contains(got, "open is writable by everybody") {
		t.Errorf("got %q", got)
	}
}

func TestPrivateGroups(t *testing.T) {
	root := t.TempDir()
	groups, users := filepath.Join(root, "group"), filepath.Join(root, "passwd")
	for path, text := range map[string]string{
		groups: "root:x:0:\nalice:x:1000:\nbob:x:1001:bob\ncarol:x:1002:alice\nstaff:x:50:\ndave:x:1003:\n",
		users: "alice:x:1000:1000::/home/alice:/bin/sh\nbob:x:1001:1001::/:/bin/sh\ncarol:x:1002:1002::/:/bin/sh\n" +
			"dave:x:1003:1003::/:/bin/sh\nerin:x:1004:1003::/:/bin/sh\nfrank:x:1005:50::/:/bin/sh\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		gid  string
		want bool
	}{
		"alice": {"1000", true}, "bob": {"1001", true}, "carol": {"1002", false}, // alice is a member
		"dave": {"1003", false}, "frank": {"50", false}, "gone": {"1010", false}, // erin's first group; a group of another name
	} {
		if got := privateGroup(groups, users, name, c.gid); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestCheckTrust(t *testing.T) {
	root := owned(t, map[string]os.FileMode{
		"i.yml": 0o600, "open/": 0o777, "open/secret": 0o600, "open/program": 0o700, "mine": 0o600, "shared.yml": 0o666,
	})
	if err := os.WriteFile(filepath.Join(root, "i.yml"), []byte("a: !file open/secret\nb: !command [./open/program]\nc: !file mine\n"+
		"d: !command [true]\ne: !file nowhere\nf: !env X\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(named ...string) string {
		var f Files
		var p Problems
		f.LoadVars(filepath.Join(root, "i.yml"), &p)
		f.LoadVars(filepath.Join(root, "shared.yml"), &p)
		f.CheckTrust(NewTrust(), func(path string) bool {
			for _, name := range named {
				if path == filepath.Join(root, name) {
					return true
				}
			}
			return false
		}, &p)
		if p.Err() == nil {
			return ""
		}
		return strings.ReplaceAll(p.Err().Error(), root+"/", "")
	}
	got := check()
	for _, want := range []string{
		"i.yml:1:4: the secret in open/secret is not used: its folder open is writable by everybody",
		"i.yml:2:4: the program ./open/program is not run: its folder open is writable by everybody",
		"shared.yml: is not followed, since it can have pgrun run commands: it is writable by everybody",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	if strings.Contains(got, "mine") || strings.Contains(got, "true") || strings.Contains(got, "nowhere") {
		t.Errorf("%s", got)
	}
	if got := check("i.yml", "shared.yml"); got != "" {
		t.Errorf("named all the same: %s", got)
	}
}

func TestSecretsThatEverybodyCanRead(t *testing.T) {
	for name, c := range map[string]struct {
		folder, file os.FileMode
		want         bool
	}{"open": {0o755, 0o644, true}, "behind a folder": {0o700, 0o644, false}, "private": {0o755, 0o600, false}} {
		root := owned(t, map[string]os.FileMode{"d/": c.folder, "d/secret": c.file, "d/i.yml": 0o600})
		for at := root; at != filepath.Dir(at) && at != os.TempDir(); at = filepath.Dir(at) {
			if err := os.Chmod(at, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		var f Files
		var p Problems
		f.LoadVars(filepath.Join(root, "d/i.yml"), &p)
		f.CheckTrust(NewTrust(), func(string) bool { return true }, &p)
		if w := p.Warnings(); c.want != (len(w) == 1 && strings.Contains(w[0].String(), "everybody on this machine can read the secret in ")) {
			t.Errorf("%s: %v", name, w)
		}
	}
}
