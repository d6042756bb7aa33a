package lab

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func example(t *testing.T, names ...string) *Lab {
	t.Helper()
	l := &Lab{Config: Config{Hosts: names, Dir: t.TempDir(), Subnet: netip.MustParsePrefix("10.89.7.0/24")}.complete()}
	for i, name := range names {
		l.Hosts = append(l.Hosts, &Host{Name: name, Address: address(l.Subnet, i), keys: []string{"ssh-ed25519 AAAA root@" + name}})
	}
	if err := l.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := l.write(); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestInventory(t *testing.T) {
	cases := map[string][]string{
		"db1 db2 db3 lb1": {"balancers", "etcd", "postgres"},
		"db1":             {"etcd", "postgres"},
		"one":             nil,
	}
	for names, want := range cases {
		t.Run(names, func(t *testing.T) {
			l := example(t, strings.Fields(names)...)
			text, err := os.ReadFile(l.Inventory())
			if err != nil {
				t.Fatal(err)
			}
			var inventory struct {
				All struct {
					Vars     map[string]any
					Hosts    map[string]map[string]string
					Children map[string]any
				}
			}
			if err := yaml.Unmarshal(text, &inventory); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			var groups []string
			for name := range inventory.All.Children {
				groups = append(groups, name)
			}
			if slices.Sort(groups); !slices.Equal(groups, want) {
				t.Errorf("groups %v, want %v", groups, want)
			}
			for i, h := range l.Hosts {
				if got := inventory.All.Hosts[h.Name]["ansible_host"]; got != address(l.Subnet, i).String() {
					t.Errorf("%s is at %q", h.Name, got)
				}
			}
		})
	}
}

func TestKnownHosts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(example(t, "db1", "db2").Dir, "known_hosts"))
	if want := "10.89.7.11 ssh-ed25519 AAAA\n10.89.7.12 ssh-ed25519 AAAA\n"; err != nil || string(text) != want {
		t.Errorf("got %q, %v; want %q", text, err, want)
	}
}

func TestSecretsDiffer(t *testing.T) {
	l, seen := example(t, "db1"), map[string]bool{}
	for _, name := range []string{"superuser", "replication", "rewind", "restapi", "app", "haproxy"} {
		secret, err := l.Secret(name)
		if err != nil || len(secret) < 20 || seen[secret] {
			t.Errorf("%s: %q, %v", name, secret, err)
		}
		seen[secret] = true
	}
}

func TestValidate(t *testing.T) {
	cases := map[string]Config{
		"upper case":      {Name: "Demo", Hosts: []string{"db1"}},
		"a flag":          {Name: "-f", Hosts: []string{"db1"}},
		"unknown release": {Release: "sarge", Hosts: []string{"db1"}},
		"no hosts":        {},
	}
	for name, config := range cases {
		t.Run(name, func(t *testing.T) {
			if config.complete().validate() == nil {
				t.Errorf("%+v is taken", config)
			}
		})
	}
	if err := Default().validate(); err != nil {
		t.Error(err)
	}
}

func TestLeader(t *testing.T) {
	members := []Member{{Name: "db1", Role: "replica", State: "streaming"}, {Name: "db2", Role: "leader", State: "running"}}
	if got := Leader(members); got == nil || got.Name != "db2" {
		t.Errorf("leader is %+v", got)
	}
	members[1].State = "stopped"
	if got := Leader(members); got != nil {
		t.Errorf("a stopped leader leads: %+v", got)
	}
}
