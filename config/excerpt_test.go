package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
)

// roleError decodes a text as a section and returns all that is wrong with it.
func roleError(text string) string {
	var into section
	if err := decode(text, &into).Err(); err != nil {
		return err.Error()
	}
	return ""
}

// Each text has a problem, and hunter2 in a place where a secret belongs.
func TestProblemsNeverShowASecret(t *testing.T) {
	for _, text := range []string{
		"password: hunter2\npassword: hunter2",
		"{password: \"a,hunter2\", tll: 3}",
		"{password: 'it''s, hunter2', tll: 3}",
		"{password: \"a\\\",hunter2\", tll: 3}",
		"{password: ab,hunter2, tll: 3}",
		"{password: ab, hunter2}",
		"password: a,hunter2\npassword: x}hunter2",
		"password: *hunter2",
		"password: !hunter2 x",
		"password: !!hunter2 x",
		"password: {hunter2}",
		"password: {hunter2: x}",
		"password:\n  hunter2: x",
		"password: [hunter2]",
		"password: &x hunter2\npassword: *x",
		"password: @hunter2",
		"password: 'it's hunter2'",
		"password: a: hunter2",
		"password: \"hunter2\n  more\nx: 1",
		"password: |\n  BEGIN\nhunter2\nx: 1",
		"password: >-\n  BEGIN\n\thunter2",
		"password:\n  hunter2\n more hunter2: [",
		"psw: hunter2",
		"user_pwd: hunter2",
		"api_key: hunter2",
		"'my password' : hunter2",
		"? password\n: hunter2\n: x",
		"password: \"{{ hunter2 }}\"",
		"on: {password: hunter2}",
		"password: 2hunter2: 3",
		"password hunter2",
		"- password hunter2\n  x: 1",
		"a:\n  password hunter2\n  x: 1",
		"{password \"hunter2\": {x}}}",
		"a: {password: \"hunter2\" x}",
		"a: {password: hunter2 x: y}",
		"a:\n  password: 'hunter2\n  b: 1",
	} {
		got := roleError(text)
		if got == "" {
			t.Errorf("%q has no problem", text)
		}
		if strings.Contains(got, "hunter2") {
			t.Errorf("%q: shown in\n%s", text, got)
		}
	}
}

// A secret that lies in a file of its own may be taken for YAML.
func TestProblemsNeverShowAFileThatIsNoYAML(t *testing.T) {
	for _, text := range []string{"hunter2\n", "@hunter2\n", "*hunter2\n", "!hunter2 x\n", "a: b: hunter2\n", "-----BEGIN X-----\nhunter2: x\n-----END-----\n", "hunter2 \x00", "$ANSIBLE_VAULT;1.1;AES256\nhunter2\n"} {
		path := filepath.Join(t.TempDir(), "superuser")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var files config.Files
		var problems config.Problems
		if n := files.LoadVars(path, &problems); n != nil {
			t.Errorf("%q is read as variables", text)
		}
		if n := files.Load(path, &problems); n != nil {
			problems.Add(files.Pos(n), "", "is no inventory")
		}
		if err := problems.Err(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCaretStandsBelowItsColumn(t *testing.T) {
	for text, want := range map[string]string{
		`{password: "abc", tll: 3}`:                 "    1 | {password: ***, tll: 3}\n      |                 ^",
		`{"password" : 'a''b', tll: 3}`:             "    1 | {\"password\" : ***, tll: 3}\n      |                    ^",
		`{password: !env PW, tll: 3}`:               "    1 | {password: !env PW, tll: 3}\n      |                     ^",
		`{name: ok, password: [x], tll: 3}`:         "    1 | {name: ok, password: ***\n      |                      ^",
		`{password_file: abc, password: x, tll: 3}`: "    1 | {password_file: abc, password: ***\n      |  ^",
	} {
		if got := roleError(text); !strings.Contains(got, want) {
			t.Errorf("%s:\n%s\nlacks\n%s", text, got, want)
		}
	}
}

func TestAWrongSecretIsNotMissingToo(t *testing.T) {
	var into section
	decode("password: !hunter2 x", &into)
	if !into.Password.IsSet() {
		t.Error("a role would report it as missing")
	}
}

func TestAFileNameIsPrintable(t *testing.T) {
	var files config.Files
	var problems config.Problems
	files.Load("a\x1b[2J.yml", &problems)
	if err := problems.Err(); err == nil || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("%v", err)
	}
}

func TestSourcesWithinCommands(t *testing.T) {
	if got := roleError("password: !command [pass, !env NAME]"); !strings.Contains(got, "f.yml:1:11: role.password: each argument of !command is a text") {
		t.Errorf("%q", got)
	}
}

func TestTemplates(t *testing.T) {
	for text, want := range map[string]string{
		`name: "{{ env }}"`:           `f.yml:1:7: role.name: the inventory is not a template: write the value itself`,
		`password: "a{{ b }}c"`:       `f.yml:1:11: role.password: the inventory is not a template`,
		`custom: {a: ["{{ b }}"]}`:    `f.yml:1:14: role.custom.a[0]: the inventory is not a template`,
		`name: !unsafe "{{ env }}"`:   "",
		`custom: !unsafe "{{ env }}"`: "",
		`name: "{{ or }"`:             "",
	} {
		if got := roleError(text); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	var into map[string]string
	if err := config.DecodeText(`a: "{{ b }}"`, &into); err != nil {
		t.Errorf("what !unsafe wrote is refused on the other side: %v", err)
	}
}

func TestTaggedScalars(t *testing.T) {
	for text, want := range map[string]string{
		"on: !!bool yes":      "true or false is expected, not the boolean yes: write true",
		"on: !!bool hm":       "true or false is expected",
		"custom: !!bool hm":   "true or false is expected",
		"size: !!int abc":     "a whole number is expected",
		"custom: !!int abc":   "a whole number is expected",
		"custom: !!float abc": "cannot be used",
	} {
		if got := roleError(text); !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func FuzzProblemsNeverShowASecret(f *testing.F) {
	f.Add("a\"',}]# ", "}", "l")
	f.Add("\\", ": 3}", "")
	f.Add("\n  ", ", password: {", "\t")
	f.Fuzz(func(t *testing.T, before, after, key string) {
		secret, err := json.Marshal(before + "hunter2")
		if err != nil || strings.Contains(after+key, "hunter2") {
			return
		}
		for _, text := range []string{
			"{password: " + string(secret) + ", tll" + key + after, "password: " + string(secret) + key + "\ntll: 3" + after,
		} {
			if got := roleError(text); strings.Contains(got, "hunter2") {
				t.Errorf("%q: shown in\n%s", text, got)
			}
		}
	})
}
