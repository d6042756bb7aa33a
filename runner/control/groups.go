package control

import (
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// checkGroups reports roles of a play that have no place on its hosts: they
// would do nothing there, or what nobody means.
func (p *Plan) checkGroups(planned PlannedPlay) {
	for _, entry := range planned.Play.Roles {
		role, known := p.options.Registry.Find(entry.Role)
		if !known || role.Group == "" {
			continue
		}
		outside := slices.DeleteFunc(slices.Clone(planned.Hosts), func(name string) bool { return p.fleet.byName[name].peer.In(role.Group) })
		if len(outside) > 0 {
			p.options.Problems.Add(entry.Pos, planned.Play.Name, "the role %s runs on hosts of the group %s only, and the play has %s: write hosts: %s, or put them into the group",
				entry.Role, role.Group, some(outside), role.Group)
		}
	}
}

// some names a few of many.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and more"
}

// validateSecrets asks a role about its section with all secrets known. The
// section that others see stays without them.
func (f *fleet) validateSecrets(m *member, role string, clear *yaml.Node) {
	entry, ok := f.registry.Find(role)
	if !ok {
		return
	}
	fresh := entry.New()
	validator, ok := fresh.(runner.SecretValidator)
	if !ok {
		return
	}
	text, err := config.Encode(clear)
	if err == nil {
		err = config.DecodeText(text, fresh)
	}
	if err != nil {
		return // Validate has said it
	}
	validator.ValidateSecrets(f.view(m, role))
}
