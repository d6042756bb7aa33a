package main_test

import (
	"context"
	"fmt"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/roles"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/control"
	"github.com/pgrun/pgrun/runner/ssh"
	"github.com/pgrun/pgrun/runner/worker"
)

// Greeting is a role of the program's own: the struct is the section
// `greeting` of the inventory.
type Greeting struct {
	// Text is shown at every login.
	Text string `yaml:"text"`
}

// Validate sees no machine; what it reports comes with its place in the file.
func (g *Greeting) Validate(v *runner.View) {
	if g.Text == "" {
		v.Problem("text", "is empty: say something, or leave the role out")
	}
}

// Apply runs on the host.
func (g *Greeting) Apply(ctx context.Context, t *runner.Target) error {
	return t.Ensure(ctx, modules.File{
		Path:    "/etc/motd",
		Content: fmt.Sprintf("%s\nThis is %s, one of %d databases.\n", g.Text, t.Host.Name, len(t.Group("postgres"))),
	})
}

// A program with a role of its own, beside those of pgrun. Its main begins
// with worker.Hook: on the hosts the same program is the worker. For the whole
// command line instead, main is one more line:
//
//	os.Exit(command.Main(self, registry, os.Args))
func Example() {
	registry := append(roles.Registry(), runner.Entry{
		Name: "greeting",
		New:  func() runner.Role { return &Greeting{Text: "Welcome."} },
	})
	self := worker.Hook(registry)

	problems := &config.Problems{}
	hosts := inventory.Load([]string{"testdata/example/inventory.yml"}, nil, problems)
	book := playbooks.Load("testdata/example/greet.yml", hosts.Files, problems)
	plan, err := control.Prepare(context.Background(), control.Options{
		Self: self, Registry: registry, Inventory: hosts, Playbook: book, Problems: problems,
		Patience:  control.PatiencePushed,
		Transport: control.Remote{Self: self, Dialer: ssh.NewDialer(ssh.Options{Forks: 50})},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, planned := range plan.Plays {
		fmt.Println(planned.Play.Name, planned.Hosts)
	}
	// Now control.Run(ctx, plan, control.Operator{Report: show}) connects to the
	// hosts and carries it out.

	// Output: greetings [db1 db2]
}
