package config_test

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

type common struct {
	Port int `yaml:"port"`
}

type database struct {
	Name  string `yaml:"name"`
	Owner string `yaml:"owner"`
}

type section struct {
	common    `yaml:"-"`
	Common    common             `yaml:",inline"`
	TTL       int8               `yaml:"ttl"`
	Size      uint16             `yaml:"size"`
	On        bool               `yaml:"on"`
	Ratio     float64            `yaml:"ratio"`
	Name      string             `yaml:"name"`
	Wait      time.Duration      `yaml:"wait"`
	Address   netip.Addr         `yaml:"address"`
	Networks  []netip.Prefix     `yaml:"networks"`
	Password  config.Secret      `yaml:"password"`
	Databases []database         `yaml:"databases"`
	Limits    map[string]int     `yaml:"limits"`
	Peers     map[netip.Addr]int `yaml:"peers"`
	Inner     *common            `yaml:"inner"`
	Custom    any                `yaml:"custom"`
	Node      *yaml.Node         `yaml:"node"`
	Untagged  string
}

func decode(text string, into any) *config.Problems {
	var files config.Files
	var problems config.Problems
	if n := files.Parse("f.yml", []byte(text), &problems); n != nil {
		config.Decode(&files, n, into, "role", &problems)
	}
	return &problems
}

func TestDecode(t *testing.T) {
	got := section{TTL: 30, Name: "kept", Limits: map[string]int{"kept": 1, "over": 1}, Databases: []database{{Name: "old"}}}
	problems := decode(`
port: 5_432
ttl: null
size: 0xff
on: true
ratio: 1
name: 17
wait: 1m30s
address: 10.0.0.1
networks: [10.0.0.0/16, "::/0"]
password: !env X
databases:
- {name: orders, owner: app}
limits: {over: 2}
peers: {10.0.0.2: 3}
inner: {port: 1}
custom: {a: [1, 1.5, true, x, null, 2024-01-01], s: !file x}
node: {any: thing}
untagged: yes
`, &got)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if !got.Password.IsSet() || got.Password.Reveal() != "" {
		t.Error("an unresolved secret is set, and not known")
	}
	custom := got.Custom.(map[string]any)
	if want := []any{1, 1.5, true, "x", nil, "2024-01-01"}; !reflect.DeepEqual(custom["a"], want) {
		t.Errorf("custom.a is %#v", custom["a"])
	}
	if s, ok := custom["s"].(config.Secret); !ok || !s.IsSet() {
		t.Errorf("custom.s is %#v", custom["s"])
	}
	if got.Node == nil || got.Node.Kind != yaml.MappingNode {
		t.Error("no node")
	}
	got.Custom, got.Node, got.Password = nil, nil, config.Secret{}
	want := section{
		Common: common{Port: 5432}, TTL: 30, Size: 255, On: true, Ratio: 1, Name: "17",
		Wait: 90 * time.Second, Address: netip.MustParseAddr("10.0.0.1"),
		Networks:  []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("::/0")},
		Databases: []database{{Name: "orders", Owner: "app"}},
		Limits:    map[string]int{"kept": 1, "over": 2},
		Peers:     map[netip.Addr]int{netip.MustParseAddr("10.0.0.2"): 3},
		Inner:     &common{Port: 1}, Untagged: "yes",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodeTellsAllProblems(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"tll: 1", `f.yml:1:1: role: unknown key "tll" (did you mean "ttl"?)`},
		{"inner: {zzzzz: 1}", `f.yml:1:9: role.inner: unknown key "zzzzz" (known: port)`},
		{"databases: [{naem: x}]", `f.yml:1:14: role.databases[0]: unknown key "naem" (did you mean "name"?)`},
		{"ttl: 128", "role.ttl: the number 128 is out of range: -128 to 127"},
		{"size: -1", "role.size: the number -1 is out of range: 0 to 65535"},
		{"ttl: 1.5", "a whole number is expected, not the number 1.5"},
		{`ttl: "17"`, `a whole number is expected, not the text "17": write it without quotes`},
		{"ttl: 017", "begins with 0"},
		{"ttl: [1]", "a whole number is expected, not a list"},
		{"on: yes", `true or false is expected, not the text "yes": write true`},
		{"on: 0", "write false"},
		{"ratio: .nan", "a number is expected"},
		{"name: true", `a text is expected, not the boolean true: write "true" with quotes`},
		{"name: 1.10", `write "1.10" with quotes`},
		{"name: 0755", `write "0755" with quotes`},
		{"name: {a: 1}", "a text is expected, not a mapping"},
		{"name: !env X", "!env is for secrets"},
		{"name: !foo X", "f.yml:1:7: an unknown tag"},
		{"wait: 30", "the number 30 has no unit: write 30s for seconds, 30m for minutes"},
		{"wait: soon", `a time is expected, not the text "soon": write a time with its unit`},
		{"address: db1", `f.yml:1:10: role.address: an IP address is expected, not the text "db1"`},
		{"networks: 10.0.0.0/8", "a list is expected"},
		{"networks: [10.0.0.0]", "role.networks[0]: a network like 10.0.0.0/16 is expected"},
		{"networks: [null]", "role.networks[0]: an item of the list is empty"},
		{"limits: {a: x}", "role.limits.a: a whole number"},
		{"peers: {x: 1}", "role.peers: an IP address is expected"},
		{"inner: 3", "a mapping (key: value) is expected, not the number 3"},
		{"password: 1234", "write it with quotes"},
		{"password: [a]", "a secret is expected, not a list"},
		{"password: !env 1x", "!env takes the name"},
		{"password: !command pass show x", "!command takes a list"},
		{"password: !vault x", "!vault is not read by this version"},
		{"custom: {a: !foo x}", "f.yml:1:13: an unknown tag"},
		{"custom: .inf", "cannot be used"},
	} {
		var into section
		err := decode(c.text, &into).Err()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
	var into section
	err := decode("tll: 1\nname: {}\nwait: 3\n", &into).Err()
	if lines := strings.Count(err.Error(), "f.yml:"); lines != 3 {
		t.Errorf("%d problems of 3: %v", lines, err)
	}
}

func TestPlainSecretWarnsOncePerPlace(t *testing.T) {
	var files config.Files
	var problems config.Problems
	n := files.Parse("f.yml", []byte("key: hunter2"), &problems)
	for range 3 {
		var into struct {
			Key config.Secret
		}
		config.Decode(&files, n, &into, "role", &problems)
		if into.Key.Reveal() != "hunter2" {
			t.Error("lost")
		}
	}
	if problems.Err() != nil || len(problems.Warnings()) != 1 {
		t.Errorf("%v, %v", problems.Err(), problems.Warnings())
	}
	if text := problems.Warnings()[0].Text(); !strings.HasSuffix(text, "\n    1 | key: ***\n      |      ^") {
		t.Errorf("the warning is\n%s", text)
	}
}

func TestAliasesAndMergeKeys(t *testing.T) {
	var got map[string]map[string]int
	problems := decode(`
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
one: {<<: *base, b: 9}
two: {<<: [*base, *more]}
same: *base
`, &got)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]map[string]int{
		"one": {"a": 1, "b": 9}, "two": {"a": 1, "b": 2, "c": 4}, "same": {"a": 1, "b": 2},
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"a: &a [*a]", "<<: {a: 1}", "port: 0x1_", "wait: 1e9h", "password: !secret x", "peers: {::1: 1}",
		"networks: [1/2]", "custom: {? a : b}", "node: *x", "? {a: b}\n: c", "custom: !!binary x", "a: !<tag:x> b",
		"databases: [{name: a}, null]\nlimits: {a: 1}", "%YAML 1.1\n---\na: 1", "inner: &i {port: 1}\nnode: *i",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		var into section
		if err := decode(text, &into).Err(); err != nil {
			_ = err.Error()
		}
	})
}

type short struct {
	Name  string `yaml:"name"`
	Place string `yaml:"place"`
}

func (s *short) UnmarshalText(text []byte) error {
	s.Name = string(text)
	return nil
}

func TestAShortFormMayBeWrittenInFull(t *testing.T) {
	var got []short
	if err := config.DecodeText("[a, {name: b, place: c}]", &got); err != nil || len(got) != 2 || got[0] != (short{Name: "a"}) || got[1] != (short{"b", "c"}) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := config.DecodeText("[{nam: b}]", &got); err == nil || !strings.Contains(err.Error(), "nam") {
		t.Errorf("an unknown key passes: %v", err)
	}
}
