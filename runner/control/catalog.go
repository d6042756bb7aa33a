package control

import (
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
)

// Catalog is what playbooks may name: the roles of a registry, and their actions.
func Catalog(registry runner.Registry) playbooks.Catalog {
	var catalog playbooks.Catalog
	for _, entry := range registry {
		role := playbooks.CatalogRole{Name: entry.Name}
		if actor, ok := entry.New().(runner.Actor); ok {
			for _, a := range actor.Actions() {
				known := playbooks.CatalogAction{Name: a.Name, OneByOne: a.OneByOne}
				for _, p := range a.Takes {
					known.Takes = append(known.Takes, p.Name)
				}
				role.Actions = append(role.Actions, known)
			}
		}
		catalog = append(catalog, role)
	}
	return catalog
}

// checkPlaybook holds the playbook against the registry and the tags.
func checkPlaybook(o Options) {
	o.Playbook.Validate(Catalog(o.Registry), o.Problems)
	for _, asked := range []struct {
		flag string
		tags []string
	}{{"--tags", o.Tags}, {"--skip-tags", o.SkipTags}} {
		for _, tag := range asked.tags {
			if near, unknown := o.Playbook.UnknownTags([]string{tag})[tag]; unknown {
				o.Problems.Add(config.Pos{}, asked.flag, "no play or role has the tag %q%s", tag, nearTag(near, o.Playbook.Tags()))
			}
		}
	}
}

func nearTag(near string, known []string) string {
	switch {
	case near != "":
		return " (did you mean \"" + near + "\"?)"
	case len(known) == 0:
		return " (the playbook has no tags)"
	}
	return " (known: " + strings.Join(known, ", ") + ")"
}
