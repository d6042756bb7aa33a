package command

import (
	"fmt"
	"strings"

	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner/control"
	"github.com/urfave/cli/v2"
)

// list is --list-hosts, --list-tasks and --syntax-check.
func (p *program) list(c *cli.Context, plan *control.Plan, book *playbooks.Playbook) error {
	if !c.Bool("list-hosts") && !c.Bool("list-tasks") {
		_, err := fmt.Fprintf(p.stdout, "%s: no problems in %s on %s\n",
			title(book), count(len(plan.Plays), "play"), count(len(plan.Hosts), "host"))
		return err
	}
	known := control.Catalog(p.registry)
	var b strings.Builder
	fmt.Fprintf(&b, "playbook: %s\n", title(book))
	for i, planned := range plan.Plays {
		fmt.Fprintf(&b, "\nplay %d (%s): %s%s\n", i+1, planned.Play.Hosts, planned.Play.Name, tagList(planned.Play.Tags))
		if c.Bool("list-hosts") {
			listHosts(&b, planned.Hosts)
		}
		if c.Bool("list-tasks") {
			listRoles(&b, planned.Play, known)
		}
	}
	_, err := fmt.Fprint(p.stdout, b.String())
	return err
}

func listHosts(b *strings.Builder, hosts []string) {
	fmt.Fprintf(b, "  hosts (%d):\n", len(hosts))
	for _, host := range hosts {
		fmt.Fprintf(b, "    %s\n", host)
	}
}

func listRoles(b *strings.Builder, play playbooks.Play, known playbooks.Catalog) {
	b.WriteString("  roles:\n")
	for _, entry := range play.Roles {
		text := entry.String()
		if action, ok := known.Action(entry); ok && action.OneByOne {
			text += ", one host at a time"
		}
		if len(entry.With) > 0 {
			text += ", takes -e " + strings.Join(entry.With, ", -e ")
		}
		fmt.Fprintf(b, "    %s%s\n", text, tagList(entry.Tags))
	}
}

func tagList(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	return "  [" + strings.Join(tags, ", ") + "]"
}

func title(book *playbooks.Playbook) string {
	if book.BuiltIn {
		return book.Path + " (built in)"
	}
	return book.Path
}
