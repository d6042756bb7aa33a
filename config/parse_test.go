package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/config"
)

// parseError parses a text and returns all that is wrong with it.
func parseError(t *testing.T, text string) string {
	t.Helper()
	var files config.Files
	var problems config.Problems
	n := files.Parse("f.yml", []byte(text), &problems)
	if err := problems.Err(); err != nil {
		return err.Error()
	}
	if n == nil {
		t.Errorf("%q gives neither a node nor a problem", text)
	}
	return ""
}

func TestParseTellsPlaceAndRemedy(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a: [1,\nb: 2\n", "f.yml:1:4: the list that begins here is not closed: write ] after its last value"},
		{"a:\n  b: 1\n c: 2\n", "f.yml:3:2: this line fits neither"},
		{"a: b: c\n", "f.yml:1:5: a second \": \""},
		{"x: 1\n\ta: 1\n", "f.yml:2:1: a tab: indent with spaces"},
		{"a:\n\t- b\n", "f.yml:2:1: a tab: indent with spaces"},
		{"a: 1\nb: *x\n", "f.yml:2:4: an alias to an unknown anchor: quote a value that begins with *"},
		{"a: 1\nb: \"foo\nb: 1\n", "f.yml:2:4: the quote that begins here is not closed: write \" after the value"},
		{"a: {b: 1\n\nc: 2\n", "f.yml:1:4: the mapping that begins here is not closed: write } after its last value"},
		{"- a\nb: 1\n", "f.yml:2:1: a list ends here"},
		{"a: @x\n", "f.yml:1:4: a value cannot begin with this character"},
		{"a: 'it's'\n", "f.yml:1:7: the value ends with this quote: write '' for a quote in it"},
		{"a: \"\\q\"\n", "f.yml:1:5: an unknown escape"},
		{"a: &a [*a]\n", "f.yml:1:4: contains itself"},
		{"a: {{ x }}\n", "f.yml:1:5: this is no template: write the value itself, without {{ }}"},
		{"key\nother: 1\n", "f.yml:1:1: a key without a colon"},
		{"a: {{ x }}/y\n", "f.yml:1:4: this is no template"},
		{"a: 1\nb: {c: !env}\n", "f.yml:2:8: a tag takes a space and a value after it: !env NAME"},
		{"a:\n  b: - c\n", "f.yml:2:6: a list item cannot stand here"},
		{"a: |x\n  b\n", "f.yml:1:5: nothing stands behind | or >"},
		{"a: ? b\n", "f.yml:1:4: a value cannot begin with"},
		{"a: {b: [1, 2}\n", "f.yml:1:8: the list that begins here is not closed"},
		{"a: {b: 1, 2]}\n", "f.yml:1:12: a ] without the [ that it closes"},
		{"a:\n  db1 {b: {c: 1}}\n", "f.yml:2:7: \": \" is missing before this"},
		{"a: {b {c: 1}}\n", "f.yml:1:7: \": \" is missing before this, or a comma"},
		{"a: {db[1:3]\": {}}\n", "f.yml:1:5: a name or value with a bracket in it: write quotes around it"},
		{"a: {b: 1 c: 2}\n", "f.yml:1:11: a second \": \" in a value: a comma is missing before the key"},
		{"a: {\n  b: {c: 1},\n  d: {e: 1,\n  f: {g: 1}}\n", "f.yml:3:6: the mapping that begins here is not closed"},
		{"a:\n  b:\n  - c: 1\n   d: 1\n", "f.yml:4:4: this line fits neither"},
		{"a: {b: 1} c\n", "f.yml:1:11: nothing may follow the value"},
		{"a: 1\n&: x\n", "f.yml:2:1: quote a value that begins with & or *"},
		{"a: \"x\\xZZ\"\n", "f.yml:1:"},
		{"hosts all\n  roles: [os]\n", "f.yml:1:1: a key without a colon"},
		{"- hosts all\n  roles: [os]\n", "f.yml:1:3: a key without a colon"},
		{"a: 1\n---\nb: 2\n", "f.yml:2:1: a second YAML document"},
		{"[db]\nhost1 x=y\n", "f.yml:2:"},
		{"a: \x01\n", "f.yml:1:"},
		{"<<: 1\n", "f.yml:1:5: << merges mappings, not the number 1"},
		{"", "f.yml: is empty"},
		{"# nothing\n", "f.yml: is empty"},
		{"---\n...\n", "f.yml: is empty"},
		{"a: 1\nb: x\x00y\n", "f.yml:2:5: a NUL byte"},
		{"$ANSIBLE_VAULT;1.1;AES256\n6162\n", "f.yml: is encrypted by ansible-vault, which this version does not read: write secrets as !env, !file or !command"},
		{"a: 1\nb: \xff\n", "f.yml:2:4: the byte 0xff is not UTF-8"},
		{"a: 1\nb: 2\na: 3\n", "f.yml:3:1: the key \"a\" is given twice: first in line 1"},
		{"? [a, b]\n: 1\n", "f.yml:1:3: a key must be one word, not a list"},
		{strings.Repeat("[", 200) + strings.Repeat("]", 200), "is nested more than 100 levels"},
		{strings.Repeat("{a: ", 20000), "f.yml:"},
	} {
		if got := parseError(t, c.text); !strings.Contains(got, c.want) {
			t.Errorf("%.40q:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestParseRefusesBombs(t *testing.T) {
	var laughs strings.Builder
	laughs.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 60; i++ {
		fmt.Fprintf(&laughs, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	if got := parseError(t, laughs.String()); !strings.Contains(got, "unfold to more than 100000 values") {
		t.Errorf("laughs: %s", got)
	}
	chain := "a0: &a0 [x]\n"
	for i := 1; i < 300; i++ {
		chain += fmt.Sprintf("a%d: &a%d [*a%d]\n", i, i, i-1)
	}
	if got := parseError(t, chain); !strings.Contains(got, "unfold to more than 100 levels") {
		t.Errorf("chain: %s", got)
	}
}

func TestLoadRefusesWhatIsNoFile(t *testing.T) {
	folder := t.TempDir()
	large := filepath.Join(folder, "large.yml")
	if err := os.WriteFile(large, []byte(strings.Repeat("#\n", 3<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		folder:                               ": is a folder",
		filepath.Join(folder, "missing.yml"): "missing.yml: there is no such file",
		large:                                "large.yml: is larger than 4096 KiB",
	} {
		var files config.Files
		var problems config.Problems
		if n := files.Load(path, &problems); n != nil {
			t.Errorf("%s: loaded", path)
		}
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestLoadVarsMayBeEmpty(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db.yml")
	for text, want := range map[string]string{"": "", "# later\n": "", "- a\n": "a mapping (name: value), not a list"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var files config.Files
		var problems config.Problems
		n := files.LoadVars(path, &problems)
		switch err := problems.Err(); {
		case want == "" && (n == nil || err != nil):
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestWindowsText(t *testing.T) {
	if got := parseError(t, "\ufeffa: 1\r\nb: 2\r\na: 3\r\n"); !strings.Contains(got, "f.yml:3:1: ") || strings.Contains(got, "\r") {
		t.Errorf("%q", got)
	}
}

func TestExcerpt(t *testing.T) {
	got := parseError(t, "patroni:\n  ttl: 30\n  ttl: 40\n")
	want := "f.yml:3:3: the key \"ttl\" is given twice: first in line 2\n" +
		"    3 |   ttl: 40\n" +
		"      |   ^"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := parseError(t, "password: hunter2\npassword: hunter2\n"); strings.Contains(got, "hunter2") {
		t.Errorf("shows a secret: %s", got)
	}
}

// Parsing these took seconds and hundreds of megabytes.
func TestParseBoundsValues(t *testing.T) {
	const most = 4<<20 - 10
	for _, text := range []string{
		"a: [" + strings.Repeat("1,", most/2) + "1]",
		strings.Repeat("[", most),
		"a:\n" + strings.Repeat("- 1\n", most/4),
		"a: {" + strings.Repeat("a,", most/2) + "}",
	} {
		begin := time.Now()
		if got := parseError(t, text); !strings.Contains(got, "f.yml: holds more than 500000 values: split it into several files") {
			t.Errorf("%.20s: %.100s", text, got)
		}
		if spent := time.Since(begin); spent > time.Second {
			t.Errorf("%.20s: took %s", text, spent)
		}
	}
	var hosts strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&hosts, "h%d: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10, k: 11, l: 12}\n", i)
	}
	if got := parseError(t, hosts.String()); got != "" {
		t.Errorf("10,000 hosts: %s", got)
	}
}
