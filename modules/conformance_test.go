package modules_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/modules/moduletest"
)

// kind is a module in a state that a machine can be brought to.
type kind struct {
	name    string
	module  modules.Module
	arrange func(h *fake.Host) // nil: a bare machine
}

func TestConformance(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			h := fake.New()
			if k.arrange != nil {
				k.arrange(h)
			}
			h.ClearLog()
			moduletest.Conform(t, h, k.module, h.Log)
		})
	}
}

func check(t *testing.T, h modules.Reader, m modules.Module) *modules.Change {
	t.Helper()
	change, err := m.Check(context.Background(), h)
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	return change
}

func kinds() []kind {
	return slices.Concat(fileKinds(), packageKinds(), systemKinds())
}

func fileKinds() []kind {
	put := func(content string) func(*fake.Host) { return func(h *fake.Host) { h.Put("/etc/x.conf", content) } }
	owned := modules.Attributes{Owner: "root", Group: "adm", Mode: 0o640}
	return []kind{
		{"file", modules.File{Path: "/etc/x.conf", Content: "a\n", Attributes: owned}, nil},
		{"file with other content", modules.File{Path: "/etc/x.conf", Content: "a\n"}, put("b\n")},
		{"file with other attributes", modules.File{Path: "/etc/x.conf", Content: "a\n", Attributes: owned}, put("a\n")},
		{"file once", modules.File{Path: "/etc/x.conf", Content: "a\n", Once: true}, nil},
		{"file absent", modules.File{Path: "/etc/x.conf", Absent: true}, put("a\n")},
		{"template", modules.Template{Path: "/etc/x.conf", Text: "{{ .name }}\n", Data: map[string]any{"name": "n"}}, nil},
		{"directory", modules.Directory{Path: "/etc/x/y", Attributes: modules.Attributes{Owner: "postgres", Mode: 0o700}}, nil},
		{"directory with other mode", modules.Directory{Path: "/etc/x", Attributes: modules.Attributes{Mode: 0o2750}},
			func(h *fake.Host) { h.PutDir("/etc/x", modules.Attributes{}) }},
		{"symlink", modules.Symlink{Path: "/etc/x", Target: "y"}, nil},
		{"symlink elsewhere", modules.Symlink{Path: "/etc/x", Target: "y"}, func(h *fake.Host) { h.PutLink("/etc/x", "z") }},
		{"run", modules.Run{
			Command: modules.Command{Argv: []string{"touch", "/etc/x"}},
			Needed: func(ctx context.Context, r modules.Reader) (string, error) {
				if _, err := r.Lstat(ctx, "/etc/x"); err != nil {
					return "no /etc/x", nil
				}
				return "", nil
			},
		}, func(h *fake.Host) {
			h.Answer(func(modules.Command) (string, error) { h.Put("/etc/x", ""); return "", nil }, "touch")
		}},
		{"func", modules.Func{Name: "f", Find: modules.File{Path: "/etc/x.conf"}.Check}, nil},
	}
}

func TestFileRefusesWhatItMustNotReplace(t *testing.T) {
	for name, arrange := range map[string]func(*fake.Host){
		"symbolic link":   func(h *fake.Host) { h.PutLink("/etc/x", "/etc/shadow") },
		"no regular file": func(h *fake.Host) { h.PutDir("/etc/x", modules.Attributes{}) },
	} {
		h := fake.New()
		arrange(h)
		_, err := modules.File{Path: "/etc/x", Content: "a"}.Check(context.Background(), h)
		var hint *modules.HintError
		if err == nil || !strings.Contains(err.Error(), name) || !errors.As(err, &hint) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFileOnceLeavesWhatIsThere(t *testing.T) {
	h := fake.New()
	h.Put("/etc/x", "theirs")
	if c := check(t, h, modules.File{Path: "/etc/x", Content: "ours", Once: true}); c != nil {
		t.Error(c.Summary)
	}
}

func TestFileSaysBeforeAndAfter(t *testing.T) {
	h := fake.New()
	h.Put("/etc/x", "old\n")
	c := check(t, h, modules.File{Path: "/etc/x", Content: "new\n", Attributes: modules.Attributes{Mode: 0o600}})
	if string(c.Before) != "old\n" || string(c.After) != "new\n" || c.Summary != "content differs, mode is 0644, not 0600" {
		t.Errorf("%s: %q, %q", c.Summary, c.Before, c.After)
	}
}

func TestRender(t *testing.T) {
	secret := config.NewSecret("s3cret")
	for _, c := range []struct{ text, want, fails string }{
		{text: `{{ reveal .secret }}`, want: "s3cret"},
		{text: `{{ .secret }}`, fails: "line 1 of the result holds ***"},
		{text: `{{ .nothing }}`, fails: "nothing"},
		{text: "a\n{{ .null }}", fails: "line 2 of the result holds <no value>"},
		{text: `{{ index .table "nothing" }}`, fails: "<no value>"},
		{text: `{{ .null | default "x" }}`, want: "x"},
		{text: `{{ reveal .unset }}`, fails: "not set"},
		{text: `{{ keys .table | join "," }}`, want: "a,b,c"},
		{text: `{{ values .table | join "," }}`, want: "1,2,3"},
		{text: `{{ env "HOME" }}`, fails: `"env" not defined`},
		{text: `{{ now }}`, fails: `"now" not defined`},
		{text: `{{ genPrivateKey "rsa" }}`, fails: "not defined"},
		{text: `{{ "{{ .secret }}" }}`, want: "{{ .secret }}"},
	} {
		got, err := modules.Render("x.conf", c.text, map[string]any{
			"secret": secret, "unset": config.Secret{}, "null": nil, "table": map[string]any{"c": 3, "a": 1, "b": 2},
		})
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s: error %v, want one with %q", c.text, err, c.fails)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s: %q, %v", c.text, got, err)
		}
	}
}

func TestUntil(t *testing.T) {
	asked := 0
	met := func(context.Context, modules.Reader) (string, error) {
		asked++
		switch asked {
		case 1:
			return "no leader", nil
		case 2:
			return "", errors.New("connection refused")
		}
		return "", nil
	}
	h := fake.New()
	c := check(t, h, modules.Until{Name: "a leader", Met: met, Deadline: time.Minute, Every: time.Millisecond})
	if c == nil || !c.Waits || c.Summary != "no leader" {
		t.Fatalf("%+v", c)
	}
	if err := c.Apply(context.Background(), h); err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}

	never := func(context.Context, modules.Reader) (string, error) { return "no quorum", nil }
	c = check(t, h, modules.Until{Name: "quorum", Met: never, Deadline: 5 * time.Millisecond, Every: time.Millisecond})
	if err := c.Apply(context.Background(), h); err == nil || err.Error() != "not within 5ms: no quorum" {
		t.Error(err)
	}
}

func TestReadOnly(t *testing.T) {
	for line, allowed := range map[string]bool{
		"dpkg-query -W": true, "apt-get -s install x": true, "apt-get install -y x": false,
		"systemctl show etcd": true, "systemctl restart etcd": false, "/usr/lib/postgresql/17/bin/postgres --version": true,
		"postgres -D /x": false, "psql -c drop": false, "patronictl -c /etc/patroni/config.yml list": true,
		"patronictl -c /etc/patroni/config.yml switchover": false, "etcdctl --endpoints=http://x:2379 member list": true,
		"etcdctl member remove x": false, "haproxy -c -f /x": true, "ip -j addr": true, "ip addr show": true, "ip addr add 1.2.3.4 dev x": false,
		"ip link": true, "ip netns exec x rm": false, "ip -batch /x": false, "journalctl --vacuum-size=1": false, "journalctl -u etcd": true,
		"sh -c true": false, "rm -rf /": false, "sysctl -n kernel.x": true, "sysctl -w kernel.x=1": false, "ss -K": false, "ss -ltn": true,
		"sysctl -n -w kernel.x=1": false, "sysctl -n kernel.x=1": false, "sysctl -n --system": false,
		"apt-get install indextargets": false, "apt-get indextargets": true, "pcs config restore /x": false, "pcs config": true,
		"dpkg -i x.deb": false, "dpkg --print-architecture": true, "pgbackrest --stanza=x --output=json info": true, "pgbackrest --stanza=x expire": false,
	} {
		err := modules.ReadOnly(modules.Command{Argv: strings.Fields(line)})
		if (err == nil) != allowed {
			t.Errorf("%s: %v", line, err)
		}
	}
}
