package config_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

func TestSecretIsNeverPrinted(t *testing.T) {
	v := struct{ Password config.Secret }{config.NewSecret("hunter2")}
	inJSON, _ := json.Marshal(v)
	inYAML, _ := yaml.Marshal(v)
	for _, text := range []string{
		fmt.Sprint(v), fmt.Sprintf("%+v %#v %q %x %s", v, v, v.Password, v.Password, &v), string(inJSON), string(inYAML),
	} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("printed: %s", text)
		}
	}
}

// write puts files into a folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestResolve(t *testing.T) {
	folder := write(t, map[string]string{
		"vars/db.yml": "a: !env PGRUN_TEST\nb: !file ../pw\nc: !command [sh, -c, 'echo x >> ran; printf \"%s\" \"$1\"', --, \"it's\"]\nd: 17\ne: [plain, !env PGRUN_TEST]\n",
		"pw":          "from file\r\n",
	})
	t.Setenv("PGRUN_TEST", "from env")
	var files config.Files
	var problems config.Problems
	n := files.Load(filepath.Join(folder, "vars/db.yml"), &problems)
	var text string
	for range 2 {
		resolved, err := files.Resolve(context.Background(), n, "")
		if err != nil {
			t.Fatal(err)
		}
		if at := files.Pos(config.Find(resolved, "b")).String(); !strings.HasSuffix(at, "db.yml:2:4") {
			t.Errorf("b is at %s", at)
		}
		if text, err = config.Encode(resolved); err != nil {
			t.Fatal(err)
		}
	}
	ran, _ := os.ReadFile(filepath.Join(folder, "vars/ran"))
	if string(ran) != "x\n" {
		t.Errorf("the command ran otherwise than once in the file's folder: %q", ran)
	}
	var got struct {
		A, B, C config.Secret
		D       int
		E       []any
	}
	if err := config.DecodeText(text, &got); err != nil {
		t.Fatal(err)
	}
	if found := config.SecretsIn(&got); !equal(found, []string{"from env", "from file", "it's", "from env"}) {
		t.Errorf("secrets %q in %s", found, text)
	}
	if again, _ := config.Encode(n); !strings.Contains(again, "!env") {
		t.Errorf("Resolve changed its input: %s", again)
	}
}

func TestResolveTellsWhatFailed(t *testing.T) {
	folder := write(t, map[string]string{
		"db.yml": "pg:\n  a: !env PGRUN_MISSING\n  b: !file nowhere\n  c: !command [sh, -c, 'echo no entry >&2; exit 3']\n" +
			"  d: !file .\n  h: !command [sh, -c, 'sleep 60 & echo x']\n  e: !command [/nowhere/x]\n  f: !file empty\n  g: !command [sh, -c, 'yes | head -c 100000']\n",
		"empty": "\n",
	})
	var files config.Files
	var problems config.Problems
	_, err := files.Resolve(context.Background(), files.Load(filepath.Join(folder, "db.yml"), &problems), "role")
	for _, want := range []string{
		"db.yml:2:6: role.pg.a: the environment variable PGRUN_MISSING is not set",
		"db.yml:3:6: role.pg.b: the file " + folder + "/nowhere: there is no such file",
		"db.yml:4:6: role.pg.c: the command sh: exit status 3: no entry",
		"pg.d: the file " + folder + ": is a folder",
		"pg.e: the command /nowhere/x: there is no such file",
		"pg.f: the file " + folder + "/empty is empty",
		"pg.h: the command sh: left a process behind that may still print: send its output elsewhere",
		"pg.g: the command sh: prints more than 64 KiB",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}

func TestSecretsIn(t *testing.T) {
	type node struct {
		hidden config.Secret
		next   *node
		any    any
		byName map[string]config.Secret
	}
	n := &node{hidden: config.NewSecret("a"), any: []any{config.NewSecret("b")}, byName: map[string]config.Secret{"x": config.NewSecret("c"), "y": {}}}
	n.next = n
	if got := config.SecretsIn(n); !equal(got, []string{"a", "b", "c"}) {
		t.Errorf("%q", got)
	}
}

func TestMasker(t *testing.T) {
	const secret = `p'a"s\s $word/`
	var m config.Masker
	m.Add(secret, "abc", "first line\nsecond line", "overlap", "lapping")
	inJSON, _ := json.Marshal(secret)
	for _, c := range []struct{ text, want string }{
		{"x " + secret + " y", "x *** y"},
		{"abc", "abc"},
		{`{"p":` + string(inJSON) + `}`, `{"p":"***"}`},
		{"'" + strings.ReplaceAll(secret, "'", `'\''`) + "'", "'***'"},
		{"'" + strings.ReplaceAll(secret, "'", `''`) + "'", "'***'"},
		{base64.StdEncoding.EncodeToString([]byte(secret)), "***"},
		{"p%27a%22s%5Cs+%24word%2F", "***"},
		{"second line\n", "***\n"},
		{"first line\nsecond line", "***"},
		{"overlapping", "***"},
		{"a" + secret + secret + "b" + secret, "a***b***"},
	} {
		if got := string(m.Mask([]byte(c.text))); strings.TrimRight(got, "=") != c.want {
			t.Errorf("%q is masked %q, want %q", c.text, got, c.want)
		}
	}
	for _, user := range []string{"u:", "us:", "use:"} {
		text := base64.StdEncoding.EncodeToString([]byte(user + secret + "@"))
		if got := string(m.Mask([]byte(text))); !strings.Contains(got, "***") || len(got) > 16 {
			t.Errorf("basic authentication of %s is masked %q", user, got)
		}
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("plain", "a\nb")
	f.Add("\n  indented", " - x: y # z")
	f.Add("true", "0755")
	f.Add("\u2028\ufeff\x7f\u0085", "\t\r\n")
	f.Fuzz(func(t *testing.T, name, value string) {
		name, value = strings.ToValidUTF8(name, ""), strings.ToValidUTF8(value, "")
		if strings.ContainsRune(name+value, 0) {
			return // refused before it comes here
		}
		n := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Tag: "!!str", Value: name},
			{Kind: yaml.ScalarNode, Tag: "!secret", Value: value},
		}}
		text, err := config.Encode(n)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]config.Secret
		if err := config.DecodeText(text, &got); err != nil || got[name].Reveal() != value {
			t.Errorf("%q: %q came back as %q: %v", text, value, got[name].Reveal(), err)
		}
	})
}

// TestMaskerKnowsHowWritersEscape what they take for unprintable.
func TestMaskerKnowsHowWritersEscape(t *testing.T) {
	for _, secret := range []string{"emoji\U0001F600word", "line\u2028ending", "next\u0085line", "bom\ufeffx", "umlaut-\u00e4\u00f6", "tab\tand\"quote'", "bell\a\x1b", "a: b #c", "plain-and-long"} {
		var m config.Masker
		m.Add(secret)
		text, err := yaml.Marshal(map[string]map[string]string{"restapi": {"password": secret}})
		if err != nil {
			t.Fatal(err)
		}
		marshalled, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, written := range []string{
			string(text), string(marshalled), fmt.Sprintf("%q", secret), fmt.Sprintf("%+q", secret),
			url.QueryEscape(secret), strings.ToLower(url.QueryEscape(secret)),
		} {
			if strings.ToLower(url.QueryEscape(secret)) == written && strings.ToLower(secret) != secret {
				continue // another text, not only other digits
			}
			if got := string(m.Mask([]byte(written))); !strings.Contains(got, "***") || strings.Contains(got, secret[:4]) {
				t.Errorf("%q is shown as %s", written, got)
			}
		}
	}
}
