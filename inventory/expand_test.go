package inventory

import (
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	for entry, want := range map[string]string{
		"db1":              "db1",
		"db[1:3]":          "db1 db2 db3",
		"db[01:10:3].x":    "db01.x db04.x db07.x db10.x",
		"[a:c]":            "a b c",
		"db[:2]":           "db0 db1 db2",
		"r[1:2]h[a:b]":     "r1ha r1hb r2ha r2hb",
		"db1:2222":         "db1 :2222",
		"db[1:2]:2222":     "db1 db2 :2222",
		"db[8:10]-eu.x:22": "db8-eu.x db9-eu.x db10-eu.x :22",
	} {
		names, port, err := expand(entry, 100)
		got := strings.Join(names, " ")
		if port != "" {
			got += " :" + port
		}
		if err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", entry, got, err, want)
		}
	}
}

func TestSplit(t *testing.T) {
	for line, want := range map[string]string{
		"":                                 "",
		" -o  A=b\t-C ":                    "-o|A=b|-C",
		`-o ProxyCommand="ssh -W %h:%p j"`: "-o|ProxyCommand=ssh -W %h:%p j",
		`a 'b "c' "d 'e" f\ g "\$h\i" ''`:  `a|b "c|d 'e|f g|$h\i|`,
		"-J u@h:22 $(id) `x`":              "-J|u@h:22|$(id)|`x`",
	} {
		got, err := split(line)
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%s is %q, %v", line, got, err)
		}
	}
}

func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"db[1:3]", "[a:c]", "[[1:2]:3]", "a[1:2:", "]:[", "a:1", "[0:9][0:9]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		names, _, err := expand(entry, 1000)
		if err == nil && (len(names) == 0 || len(names) > 1000) {
			t.Errorf("%q: %d names", entry, len(names))
		}
	})
}
