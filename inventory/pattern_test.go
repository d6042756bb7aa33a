package inventory_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
)

const sample = `
all:
  children:
    etcd: {hosts: {"db[1:3]": {}}}
    postgres:
      children:
        east: {hosts: {db1: {}, db2: {}}}
        west: {hosts: {db3: {}, db4: {}}}
    lb: {hosts: {"lb[1:2].example.org": {}}}
  hosts: {lone: {}}
`

func TestMatch(t *testing.T) {
	inv := load(t, sample)
	for pattern, want := range map[string]string{
		"all":                 "db1 db2 db3 db4 lb1.example.org lb2.example.org lone",
		"*":                   "db1 db2 db3 db4 lb1.example.org lb2.example.org lone",
		"db2":                 "db2",
		"west,db1":            "db1 db3 db4",
		"west:db1":            "db1 db3 db4",
		"west:db1,lone":       "db1 db3 db4 lone",
		"db4,db1":             "db1 db4",
		"etcd:&west":          "db3",
		"!postgres":           "lb1.example.org lb2.example.org lone",
		"!db1:postgres":       "db2 db3 db4",
		"postgres:!east:!db4": "db3",
		"&west":               "db3 db4",
		"db?":                 "db1 db2 db3 db4",
		"db[!12]":             "db3 db4",
		"*.example.org":       "lb1.example.org lb2.example.org",
		"lb1.example.org":     "lb1.example.org",
		"~db[13]":             "db1 db3",
		`~(east|lb\d)`:        "db1 db2 lb1.example.org lb2.example.org",
		"postgres[0]":         "db1",
		"postgres[-1]":        "db4",
		"postgres[1:2]":       "db2 db3",
		"postgres[2:]":        "db3 db4",
		"postgres[2:99]":      "db3 db4",
		"etcd[0]:west[0]":     "db1 db3",
		"postgres[0-1]":       "db1 db2",
		"monitor":             "",
		"lone:!monitor":       "lone",
		"monitor[0]":          "",
		"ungrouped":           "lone",
	} {
		hosts, err := inv.Match(pattern)
		if got := names(hosts); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", pattern, got, err, want)
		}
	}
	for pattern, want := range map[string]string{
		"bd1":           `no host or group is called "bd1" (did you mean "db1"?)`,
		"etcd:!zzzzzz":  `no host or group is called "zzzzzz"`,
		"x*":            `"x*"`,
		"~[":            "missing closing ]",
		"postgres[7]":   "postgres has 4 hosts, counted from 0",
		"postgres[2:1]": "counted from 0",
		"":              "names no host",
		" , ":           "names no host",
		"!":             "is called",
		"[":             "is called",
	} {
		if hosts, err := inv.Match(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %q", pattern, names(hosts), err, want)
		}
	}
}

// The golden file is what ansible --list-hosts of ansible-core 2.19 chooses.
func TestMatchEqualsAnsible(t *testing.T) {
	var p config.Problems
	inv := inventory.Load([]string{"testdata/ansible/inventory.yml"}, nil, &p)
	text, err := os.ReadFile("testdata/ansible/patterns.golden")
	if err != nil || p.Err() != nil {
		t.Fatal(err, p.Err())
	}
	for line := range strings.Lines(string(text)) {
		pattern, want, _ := strings.Cut(strings.TrimSpace(line), " =")
		hosts, err := inv.Match(pattern)
		got := strings.Fields(names(hosts))
		slices.Sort(got)
		if err != nil || strings.Join(got, " ") != strings.TrimSpace(want) {
			t.Errorf("%s is %v, %v, want %s", pattern, got, err, want)
		}
	}
}

func TestLimitReadsFiles(t *testing.T) {
	inv := load(t, sample)
	file := filepath.Join(write(t, map[string]string{"retry": "db3\n\n# done\ndb1\n", "empty": "\n"}), "retry")
	hosts, err := inv.Limit("@" + file + ":!db1")
	if got := names(hosts); err != nil || got != "db3" {
		t.Errorf("%q, %v", got, err)
	}
	for _, pattern := range []string{"@" + file + "x", "@" + filepath.Join(filepath.Dir(file), "empty")} {
		if hosts, err := inv.Limit(pattern); err == nil {
			t.Errorf("%s: %v", pattern, names(hosts))
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"a[1:2]", "~(", "[!", "a,&b:!c", "[]]", "a[-1]", "x[9999999999999999999]", "é*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		_, _ = load(t, sample).Match(pattern)
	})
}
