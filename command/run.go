package command

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/control"
	"github.com/pgrun/pgrun/runner/report"
	"github.com/urfave/cli/v2"
)

// run is `pgrun PLAYBOOK`.
func (p *program) run(c *cli.Context) error {
	if c.NArg() == 0 && c.NumFlags() == 0 {
		return cli.ShowAppHelp(c)
	}
	name, err := playbookName(c)
	if err != nil {
		return err
	}
	if err := checkFlags(c); err != nil {
		return err
	}
	options, err := p.options(c, name)
	if err != nil {
		return err
	}
	shown := &stage{stderr: p.stderr}
	transport, err := p.remote(c, shown.event)
	if err != nil {
		return err
	}
	defer transport.Dialer.Close()
	options.Transport = transport
	plan, err := control.Prepare(c.Context, options)
	p.warn(options.Problems)
	if err != nil {
		return err
	}
	if options.ListOnly {
		return p.list(c, plan, options.Playbook)
	}
	if shown.reporter, err = p.reporter(c); err != nil {
		return err
	}
	noteBuiltIn(c, options.Playbook, shown.reporter)
	var limit *time.Duration
	if c.IsSet("max-outage") {
		most := c.Duration("max-outage")
		limit = &most
	}
	return p.carryOut(c.Context, options, plan, shown.reporter, limit)
}

// noteBuiltIn tells those who look closely, and programs, whose playbook it is.
func noteBuiltIn(c *cli.Context, book *playbooks.Playbook, shown report.Reporter) {
	if book.BuiltIn && (c.Bool("verbose") || c.String("output") == "json") {
		shown.Event(runner.Event{Event: runner.EventNote, Why: "there is no file " + book.Path + " here: this is the built-in playbook"})
	}
}

// stage is where the reporter will stand. What comes before is a diagnostic.
type stage struct {
	stderr   io.Writer
	reporter report.Reporter
}

func (s *stage) event(e runner.Event) {
	if s.reporter == nil {
		fmt.Fprintf(s.stderr, "warning: %s\n", e.Why)
		return
	}
	s.reporter.Event(e)
}

func (p *program) warn(problems *config.Problems) {
	const most = 40 // about two screens
	warnings := problems.Warnings()
	for _, warning := range warnings[:min(len(warnings), most)] {
		fmt.Fprintf(p.stderr, "warning: %s\n", warning)
	}
	if more := len(warnings) - most; more > 0 {
		fmt.Fprintf(p.stderr, "warning: and %d more warnings\n", more)
	}
}

// checkFlags finds what no flag's own type can.
func checkFlags(c *cli.Context) error {
	switch {
	case c.String("output") != "text" && c.String("output") != "json":
		return usagef("--output %s: text or json", c.String("output"))
	case c.Int("forks") < 1:
		return usagef("--forks %d: at least 1", c.Int("forks"))
	case c.IsSet("as") && !c.Bool("local"):
		return usagef("--as names this machine for --local, and there is no --local")
	}
	return nil
}

// options reads inventory and playbook; what is wrong with them is in the
// problems.
func (p *program) options(c *cli.Context, name string) (control.Options, error) {
	paths, err := sources(c)
	if err != nil {
		return control.Options{}, err
	}
	problems := &config.Problems{}
	inv := inventory.LoadBeside(filepath.Dir(name), paths, c.StringSlice("extra-vars"), problems)
	o := control.Options{
		Self: p.self, Registry: p.registry, Problems: problems, Inventory: inv,
		Playbook: playbooks.Load(name, inv.Files, problems),
		Limit:    c.String("limit"), Tags: splitTags(c, "tags"), SkipTags: splitTags(c, "skip-tags"),
		Check: c.Bool("check"), Local: c.Bool("local"), As: c.String("as"),
		Patience: control.PatiencePushed, NoRestart: c.Bool("no-restart"),
		ListOnly: c.Bool("list-hosts") || c.Bool("list-tasks") || c.Bool("syntax-check"),
	}
	inv.WarnUnread(problems)
	warnAnsible(problems)
	checkTrust(c, name, inv.Files, problems)
	if o.Local {
		o.Patience = control.PatienceLocal
	}
	return o, nil
}

// carryOut runs the plan, shows it and turns its end into the exit code.
func (p *program) carryOut(ctx context.Context, o control.Options, plan *control.Plan, shown report.Reporter, most *time.Duration) error {
	stop := make(chan struct{})
	ctx, release := listen(ctx, stop, shown.Event)
	defer release()
	if !o.Local {
		before := runtime.GOMAXPROCS(0)
		runtime.GOMAXPROCS(processors(len(plan.Hosts), before))
		defer runtime.GOMAXPROCS(before)
	}
	summary := control.Summary{Kinds: map[string]bool{}}
	if most == nil || p.bearable(ctx, plan, &summary, *most, control.Operator{Report: shown.Event, Stop: stop}) {
		summary = control.Run(ctx, plan, control.Operator{Report: shown.Event, Stop: stop})
	}
	shown.Event(summary.Recap())
	if err := shown.Close(); err != nil {
		fmt.Fprintf(p.stderr, "pgrun: %v\n", err)
		summary.Kinds[runner.KindInternal] = true
	}
	if code := report.ExitCode(summary.Kinds, summary.Check && summary.Changed()); code != report.ExitOK {
		return exitCode(code)
	}
	return nil
}

// processors is how many cores a run uses. Few hosts keep nobody busy: their
// packets only wake idle cores, which costs more than the work itself.
func processors(hosts, available int) int {
	const each = 16 // hosts, key exchange and all
	return min(available, 1+hosts/each)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
