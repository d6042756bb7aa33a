package ssh

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// home makes a machine with these files below ~/.ssh.
func home(t *testing.T, files map[string]string) machine {
	t.Helper()
	m := machine{user: "operator", home: t.TempDir(), systemConfig: "/nonexistent/ssh_config", systemKnownHosts: "/nonexistent/known_hosts"}
	for name, text := range files {
		path := filepath.Join(m.home, ".ssh", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func TestPrecedence(t *testing.T) {
	m := home(t, map[string]string{"config": `
Host db*
  HostName %h.example.com
  User from-config
  Port 2201 # don't
# isn't "this
  IdentityFile ~/.ssh/%r@%h
  UserKnownHostsFile "~/.ssh/known one" ~/.ssh/known2
Host *
  User too-late
  ConnectTimeout 7
`})
	type want struct {
		user, address string
		named         string
	}
	cases := map[string]struct {
		connection Connection
		options    Options
		want       want
	}{
		"config":    {Connection{Address: "db1"}, Options{}, want{"from-config", "db1.example.com:2201", ""}},
		"arguments": {Connection{Address: "db1", CommonArgs: []string{"-l", "arg", "-p2202", "-i", "/k"}}, Options{}, want{"arg", "db1.example.com:2202", "/k"}},
		"flags":     {Connection{Address: "db1", CommonArgs: []string{"-l", "arg"}}, Options{User: "flag", PrivateKey: "~/flag"}, want{"flag", "db1.example.com:2201", m.home + "/flag"}},
		"inventory": {Connection{Address: "db1", User: "inv", Port: 2203, PrivateKeyFile: "/inv"}, Options{User: "flag", PrivateKey: "/flag"}, want{"inv", "db1.example.com:2203", "/inv"}},
		"nothing":   {Connection{CommonArgs: []string{"-F", "none"}}, Options{}, want{"operator", "web1:22", ""}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := newDialer(c.options, m, defaultLimits())
			got, err := d.resolve(c.connection, "web1")
			if err != nil {
				t.Fatal(err)
			}
			if g := (want{got.user, got.address(), strings.Join(got.keys.named, " ")}); g != c.want {
				t.Errorf("got %v, want %v", g, c.want)
			}
		})
	}
	got, err := newDialer(Options{}, m, defaultLimits()).resolve(Connection{Address: "db1"}, "x")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{m.home + "/.ssh/known one", m.home + "/.ssh/known2", m.systemKnownHosts}; !reflect.DeepEqual(got.knownHosts, want) {
		t.Errorf("known_hosts %q", got.knownHosts)
	}
	if want := []string{m.home + "/.ssh/from-config@db1.example.com"}; !reflect.DeepEqual(got.keys.configured, want) {
		t.Errorf("identities %q", got.keys.configured)
	}
	if got.connectTimeout != 7*time.Second {
		t.Errorf("timeout %s", got.connectTimeout)
	}
	got, err = newDialer(Options{}, m, defaultLimits()).resolve(Connection{Address: "db1", Timeout: 3 * time.Second}, "x")
	if err != nil || got.connectTimeout != 3*time.Second {
		t.Errorf("the inventory's timeout: %+v, %v", got, err)
	}
}

func TestConfigFile(t *testing.T) {
	m := home(t, map[string]string{
		"config": `
Match exec "test -f /tmp/x" # not for us
  User wrong
Match host db1,db2
  HostKeyAlias alias
Include conf.d/*
Host web !web1 w?b*
  User wrong
Host=db1
  Include inside
  StrictHostKeyChecking no
  Ciphers aes128-ctr
  SendEnv LANG
`,
		"conf.d/10": "Match localuser root\n User wrong\nHost db1\n  User included\n",
		"conf.d/20": "Port 2222\n",
		"inside":    "IdentitiesOnly yes\nHost other\n  IdentityFile /wrong\nHost *\n  IdentityFile /right\n",
	})
	var warnings []string
	d := newDialer(Options{Log: func(_ string, args ...any) { warnings = append(warnings, args[0].(string)) }}, m, defaultLimits())
	got, err := d.resolve(Connection{Address: "db1"}, "db1")
	if err != nil {
		t.Fatal(err)
	}
	if got.user != "included" || got.port != 2222 || got.keyName != "alias:22" || !got.keys.only || !reflect.DeepEqual(got.keys.configured, []string{"/right"}) {
		t.Errorf("got %+v", got)
	}
	text := strings.Join(warnings, "\n")
	for _, part := range []string{"config:2: passed over", "conf.d/10:1: passed over", "StrictHostKeyChecking=no: pgrun always checks"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in %q", part, text)
		}
	}
	got, err = d.resolve(Connection{Address: "elsewhere"}, "elsewhere")
	if err != nil || got.user != "operator" || got.keys.only || got.keyName != "elsewhere:22" {
		t.Errorf("elsewhere: %+v, %v", got, err)
	}
}

func TestIncludesThatNeverEnd(t *testing.T) {
	m := home(t, map[string]string{"config": "Include config\n"})
	if _, err := newDialer(Options{}, m, defaultLimits()).resolve(Connection{Address: "x"}, "x"); err == nil || !strings.Contains(err.Error(), "include each other") {
		t.Errorf("got %v", err)
	}
}

func TestJumpsOfTheConfig(t *testing.T) {
	m := home(t, map[string]string{"config": `
Host *
  ProxyJump gate
Host gate
  HostName 192.0.2.1
Host old
  ProxyCommand nc %h %p
`})
	d := newDialer(Options{}, m, defaultLimits())
	got, err := d.resolve(Connection{Address: "10.0.0.1"}, "db1")
	if err != nil || len(got.via) != 1 || got.via[0].address() != "192.0.2.1:22" {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = d.resolve(Connection{Address: "10.0.0.1", CommonArgs: []string{"-oProxyJump=none"}}, "db1")
	if err != nil || len(got.via) != 0 {
		t.Errorf("none: %+v, %v", got, err)
	}
}

func TestValidateNamesWhatItDoesNotKnow(t *testing.T) {
	cases := map[string]struct {
		args []string
		part string // "": fine
	}{
		"common ansible":  {[]string{"-C", "-o", "ControlMaster=auto", "-o", "ControlPersist=60s", "-oServerAliveInterval=5"}, ""},
		"blank":           {[]string{"-o", "ConnectTimeout 5", "-q"}, ""},
		"accept-new":      {[]string{"-o", "StrictHostKeyChecking=accept-new"}, "--accept-new-host-keys lets new hosts in"},
		"no checking":     {[]string{"-o", "StrictHostKeyChecking=no"}, "always checks host keys"},
		"null":            {[]string{"-o", "UserKnownHostsFile=/dev/null"}, "always checks host keys"},
		"unknown option":  {[]string{"-o", "Ciphers=aes128-ctr"}, "-o Ciphers: pgrun does not know it"},
		"unknown letter":  {[]string{"-b", "10.0.0.1"}, "-b: pgrun does not know it"},
		"in a group":      {[]string{"-q4"}, "-4: pgrun does not know it"},
		"agent":           {[]string{"-A"}, "never forwards"},
		"agent option":    {[]string{"-o", "ForwardAgent=yes"}, "never forwards"},
		"missing":         {[]string{"-o"}, "the value is missing"},
		"missing key":     {[]string{"-o", "Port"}, "the value is missing"},
		"operand":         {[]string{"somewhere"}, `"somewhere" is not an option`},
		"port":            {[]string{"-p", "70000"}, `"70000" is not a port`},
		"timeout":         {[]string{"-o", "ConnectTimeout=soon"}, "not a number of seconds"},
		"other command":   {[]string{"-o", "ProxyCommand=nc %h %p"}, "another program"},
		"unforwarded":     {[]string{"-o", "ProxyCommand=ssh bastion"}, "no -W %h:%p"},
		"two hosts":       {[]string{"-o", "ProxyCommand=ssh -W %h:%p a b"}, "not one host"},
		"no check at hop": {[]string{"-o", `ProxyCommand="ssh -o StrictHostKeyChecking=no -W %h:%p a"`}, "always checks host keys"},
		"shell":           {[]string{"-o", "ProxyCommand=ssh -W %h:%p a; reboot"}, "ProxyCommand"},
		"bad hop":         {[]string{"-J", "a,@"}, "[user@]host[:port]"},
	}
	d := newDialer(Options{}, home(t, nil), defaultLimits())
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := d.Validate(Connection{Address: "10.0.0.1", CommonArgs: c.args}, "db1")
			switch {
			case c.part == "" && err != nil:
				t.Error(err)
			case c.part != "" && (err == nil || !strings.Contains(err.Error(), c.part)):
				t.Errorf("got %v, want %q", err, c.part)
			}
		})
	}
	for _, address := range []string{"-oProxyCommand=x", "a b", "a\nb"} {
		if err := d.Validate(Connection{Address: address}, "db1"); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
	if err := d.Validate(Connection{Local: true, CommonArgs: []string{"-b"}}, "db1"); err != nil {
		t.Errorf("a local host needs no connection: %v", err)
	}
}

func TestHopsAreResolvedWithTheirOptions(t *testing.T) {
	m := home(t, map[string]string{"config": "Host gate\n  User config\n  Port 1\n"})
	d := newDialer(Options{PrivateKey: "/flag", User: "flag"}, m, defaultLimits())
	got, err := d.resolve(Connection{Address: "x", CommonArgs: []string{"-o",
		`ProxyCommand="ssh -q -W %h:%p -i '/a key' -l alice -J first gate"`}}, "x")
	if err != nil {
		t.Fatal(err)
	}
	var way []string
	for _, hop := range got.via {
		way = append(way, hop.String())
	}
	if strings.Join(way, " ") != "operator@first:22 alice@gate:1" {
		t.Errorf("way %q", way)
	}
	if named := got.via[1].keys.named; !reflect.DeepEqual(named, []string{"/a key", "/flag"}) {
		t.Errorf("keys %q", named)
	}
}

func TestJumpHostsAreLookedUpInTheNamedConfig(t *testing.T) {
	m := home(t, map[string]string{"other": "Host gate\n  HostName 192.0.2.7\nHost 10.*\n  ProxyJump gate\n"})
	got, err := newDialer(Options{}, m, defaultLimits()).resolve(
		Connection{Address: "10.0.0.1", CommonArgs: []string{"-F", "~/.ssh/other"}}, "db1")
	if err != nil || len(got.via) != 1 || got.via[0].address() != "192.0.2.7:22" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestHostPatterns(t *testing.T) {
	cases := []struct {
		patterns, alias string
		want            bool
	}{
		{"*", "x", true}, {"db?", "db1", true}, {"db?", "db", false}, {"*.example.com", "a.b.example.com", true},
		{"* !db1", "db1", false}, {"!db1", "db2", false}, {"DB1", "db1", true}, {"a*b*c", "aXbXbYc", true},
		{strings.Repeat("*a", 40), strings.Repeat("a", 39) + "b", false},
	}
	for _, c := range cases {
		if got := matchHost(strings.Fields(c.patterns), c.alias); got != c.want {
			t.Errorf("%q on %q: %v", c.patterns, c.alias, got)
		}
	}
}

// Ansible gives ssh the three variables in this order, and ssh takes the first
// value of each option.
func TestOptionsOfThreeVariables(t *testing.T) {
	d := newDialer(Options{}, home(t, nil), defaultLimits())
	got, err := d.resolve(Connection{Address: "10.0.0.1",
		Args:       []string{"-J", "gate"},
		CommonArgs: []string{"-J", "other", "-p", "2201"},
		ExtraArgs:  []string{"-p", "2202", "-l", "extra"}}, "db1")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.via) != 1 || got.via[0].alias != "gate" || got.port != 2201 || got.user != "extra" {
		t.Errorf("%s via %+v", got, got.via)
	}
}

func TestErrorsNameTheVariable(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "key")
	for want, c := range map[string]struct {
		connection Connection
		options    Options
	}{
		"ansible_ssh_args":             {Connection{Args: []string{"-b"}, CommonArgs: []string{"-J", "a"}}, Options{}},
		"ansible_ssh_common_args":      {Connection{Args: []string{"-C"}, CommonArgs: []string{"-i", missing}}, Options{}},
		"ansible_ssh_extra_args":       {Connection{ExtraArgs: []string{"-A"}}, Options{}},
		"ansible_ssh_private_key_file": {Connection{PrivateKeyFile: missing}, Options{PrivateKey: "/flag"}},
		"--private-key":                {Connection{}, Options{PrivateKey: missing}},
	} {
		c.connection.Address = "10.0.0.1"
		err := newDialer(c.options, home(t, nil), defaultLimits()).Validate(c.connection, "db1")
		var variable *VariableError
		if !errors.As(err, &variable) || variable.Variable != want || strings.Contains(err.Error(), "db1") {
			t.Errorf("%s: %v", want, err)
		}
	}
}
