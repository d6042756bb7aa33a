package command

import (
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/roles"
	"github.com/pgrun/pgrun/runner/worker"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/urfave/cli/v2"
)

// TestMain lets the scripts run the real command line, in processes of their own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"pgrun": func() {
			self := worker.Hook(roles.Registry())
			os.Exit(Main(self, roles.Registry(), os.Args))
		},
		"pgrun-settled": func() {
			self := worker.Hook(settledRegistry())
			code := Main(self, settledRegistry(), os.Args)
			tellMemory()
			os.Exit(code)
		},
	})
}

// TestScripts is the command line's specification: testdata/*.txt.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
	})
}

// exits is `exits CODE pgrun ARGS...`: stdout and stderr can be looked at then.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	code := "0"
	err := ts.Exec(args[1], args[2:]...)
	if err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, not %s", code, args[0])
	}
}

func TestHelpIsComplete(t *testing.T) {
	for _, f := range runFlags() {
		for _, name := range f.Names() {
			shown := "--" + name
			if len(name) == 1 {
				shown = "-" + name + ", "
			}
			if name != "key-file" && !strings.Contains(helpTemplate, shown) {
				t.Errorf("the help does not tell of %s", shown)
			}
		}
	}
	p := &program{}
	for _, verb := range p.app().Commands {
		if !strings.Contains(helpTemplate, "\n  "+verb.Name) {
			t.Errorf("the help does not tell of the verb %s", verb.Name)
		}
	}
	for line := range strings.Lines(helpTemplate) {
		if len(line) > 81 {
			t.Errorf("wider than 80 columns: %s", line)
		}
	}
}

func TestArrange(t *testing.T) {
	app := &cli.App{Flags: runFlags(), Commands: []*cli.Command{{Name: "inventory", Flags: []cli.Flag{inventoryFlag(), &cli.BoolFlag{Name: "graph"}, &cli.StringFlag{Name: "host"}}}}}
	for _, c := range []struct{ args, want string }{
		{"", "-- "},
		{"site.yml", "-- site.yml"},
		{"site.yml -i a -i b", "--inventory=a --inventory=b -- site.yml"},
		{"-i a site.yml --check", "--inventory=a --check -- site.yml"},
		{"site.yml -CDv", "--check --diff --verbose -- site.yml"},
		{"site.yml -vvv", "--verbose --verbose --verbose -- site.yml"},
		{"site.yml -f5", "--forks=5 -- site.yml"},
		{"site.yml -Cf 5", "--check --forks=5 -- site.yml"},
		{"site.yml -f=5", "--forks=5 -- site.yml"},
		{"site.yml -l=-x", "--limit=-x -- site.yml"},
		{"site.yml -l -", "--limit=- -- site.yml"},
		{"site.yml --limit=-x=y", "--limit=-x=y -- site.yml"},
		{"site.yml --extra-vars=", "--extra-vars= -- site.yml"},
		{"site.yml --key-file k", "--private-key=k -- site.yml"},
		{"site.yml -h", "--help"},
		{"--version", "version --"},
		{"site.yml --version -i a", "version --"},
		{"inventory --host a --help", "inventory --help"},
		{"-- -odd.yml", "-- -odd.yml"},
		{"inventory -i a --host db1", "inventory --inventory=a --host=db1 -- "},
		{"-i a inventory --graph", "inventory --inventory=a --graph -- "},
		{"--host db1 inventory", "inventory --host=db1 -- "},
		{"-i inventory site.yml", "--inventory=inventory -- site.yml"},
		{"site.yml inventory", "-- site.yml inventory"},
	} {
		got, err := arrange(app, append([]string{"pgrun"}, strings.Fields(c.args)...))
		if want := append([]string{"pgrun"}, strings.Split(c.want, " ")...); err != nil || strings.Join(got, "|") != strings.Trim(strings.Join(want, "|"), "|") {
			t.Errorf("%s: got %q, %v", c.args, got, err)
		}
	}
	for args, want := range map[string]string{
		"site.yml --chekc":               "unknown flag --chekc (did you mean --check?)",
		"site.yml -z":                    "unknown flag -z (pgrun --help lists them)",
		"site.yml -Cz":                   "unknown flag -Cz (pgrun --help lists them)",
		"site.yml --C":                   "unknown flag --C (pgrun --help lists them)",
		"site.yml -i":                    "-i needs a value",
		"site.yml --limit":               "--limit needs a value",
		"site.yml --log-file --check":    "--log-file needs a value; --check is a flag (one that begins with a dash is written --log-file=--check)",
		"site.yml -u -C":                 "-u needs a value; -C is a flag (one that begins with a dash is written -u=-C)",
		"site.yml --limit=":              "--limit needs a value; this one is empty",
		"site.yml -l a -l b":             "--limit is given twice, and only one value counts: write them as one",
		"site.yml -l a --limit=a":        "--limit is given twice, and only one value counts: write them as one",
		"site.yml -t ,":                  "--tags needs a value; this one is empty",
		"site.yml -T 5":                  "-T: write ansible_timeout, in seconds, into the inventory",
		"site.yml --subset db1":          "--subset: write --limit",
		"site.yml --list-tags":           "--list-tags: --list-tasks shows the tags of each role",
		"inventory --limit db1":          "--limit: pgrun inventory shows all hosts; --host HOST and --explain HOST show one",
		"site.yml -K":                    "-K: a password for sudo comes later; for now sudo must not ask for one",
		"site.yml --vault-password-file": "--vault-password-file: vault comes later; write secrets as !env NAME, !file PATH or !command [...] in the inventory",
		"site.yml --become":              "--become: not needed: pgrun works as root through sudo",
		"inventory --check":              "unknown flag --check (pgrun --help lists them)",
	} {
		if _, err := arrange(app, append([]string{"pgrun"}, strings.Fields(args)...)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", args, err)
		}
	}
}

func TestVersionIsTheBuilds(t *testing.T) {
	settings := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	for want, info := range map[string]debug.BuildInfo{
		"v1.2.3": {Main: debug.Module{Version: "v1.2.3"}},
		"v1.2.4-0.20260101000000-0123456789ab+dirty (0123456789ab+dirty)": {Main: debug.Module{Version: "v1.2.4-0.20260101000000-0123456789ab+dirty"}, Settings: settings},
		"commit 0123456789ab+dirty":                                       {Main: debug.Module{Version: "(devel)"}, Settings: settings},
		"commit 0123456789ab":                                             {Settings: settings[:1]},
		"without a version (it was built without version control)":        {Main: debug.Module{Version: "(devel)"}},
	} {
		if got := describe(&info); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
