package playbooks

import (
	"slices"

	"github.com/pgrun/pgrun/config"
)

// Catalog is what playbooks may name: the roles of a program, in the order of
// its registry.
type Catalog []CatalogRole

// CatalogRole is a role and its actions.
type CatalogRole struct {
	Name    string
	Actions []CatalogAction
}

// CatalogAction is an action of a role.
type CatalogAction struct {
	Name     string
	OneByOne bool // one host of the cluster at a time, always
	Takes    []string
}

// Action returns what the catalog knows of an entry, false when it is no
// action or unknown.
func (c Catalog) Action(e RoleEntry) (CatalogAction, bool) {
	for _, r := range c {
		for _, a := range r.Actions {
			if r.Name == e.Role && a.Name == e.Action {
				return a, true
			}
		}
	}
	return CatalogAction{}, false
}

// Validate reports roles and actions that the catalog does not have, and plays
// whose serial or further entries contradict an action that runs one by one.
func (b *Playbook) Validate(catalog Catalog, p *config.Problems) {
	for _, play := range b.Plays {
		for _, entry := range play.Roles {
			catalog.validate(play, entry, p)
			catalog.validateWith(entry, p)
		}
	}
}

func (c Catalog) validate(play Play, entry RoleEntry, p *config.Problems) {
	var names, actions []string
	var known bool
	for _, r := range c {
		names = append(names, r.Name)
		if r.Name == entry.Role {
			known = true
			for _, a := range r.Actions {
				actions = append(actions, a.Name)
			}
		}
	}
	action, found := c.Action(entry)
	switch {
	case !known:
		p.Add(entry.Pos, "roles", "unknown role %q%s", entry.Role, config.DidYouMean(entry.Role, names))
	case entry.Action == "":
	case len(actions) == 0:
		p.Add(entry.ActionPos, "roles", "role %s has no actions", entry.Role)
	case !found:
		p.Add(entry.ActionPos, "roles", "role %s has no action %q%s", entry.Role, entry.Action, config.DidYouMean(entry.Action, actions))
	case action.OneByOne && !play.Serial.one():
		p.Add(play.SerialPos, "serial", "%s %s runs one host at a time, always; leave serial out", entry.Role, entry.Action)
	case action.OneByOne && len(play.Roles) > 1:
		p.Add(entry.Pos, "roles", "%s %s runs one host at a time; give it a play of its own", entry.Role, entry.Action)
	}
}

// validateWith reports variables that the action does not take. A role itself
// takes none.
func (c Catalog) validateWith(entry RoleEntry, p *config.Problems) {
	if entry.Action == "" && len(entry.With) > 0 {
		p.Add(entry.WithPos, "with", "only an action takes variables; what role %s goes by stands in its section of the inventory", entry.Role)
		return
	}
	a, found := c.Action(entry)
	for _, name := range entry.With {
		if found && !slices.Contains(a.Takes, name) {
			p.Add(entry.WithPos, "with", "%s takes no variable %q%s", entry, name, config.DidYouMean(name, a.Takes))
		}
	}
}
