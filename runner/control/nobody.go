package control

import (
	"strings"

	"github.com/pgrun/pgrun/config"
)

// nobody says why a run has no host.
func (p *Plan) nobody(allowed []string) {
	o := p.options
	switch {
	case len(o.Inventory.Hosts) == 0:
		o.Problems.Add(config.Pos{File: strings.Join(o.Inventory.Paths, ", ")}, "", "the inventory has no host: write some below hosts")
	case len(allowed) == 0 && o.Local:
		self, _ := identify(p.fleet, o.As)
		o.Problems.Add(config.Pos{}, "--limit", "this machine is %s, which %q leaves out", self, o.Limit)
	case len(allowed) == 0:
		o.Problems.Add(config.Pos{}, "--limit", "the pattern %q leaves none of the hosts", o.Limit)
	case len(p.Plays) == 0:
		o.Problems.Add(config.Pos{}, "--tags", "tags leave no role of the playbook (--list-tasks without them shows which there are)")
	case o.Limit != "":
		o.Problems.Add(config.Pos{}, "--limit", "the hosts of %q are in no play", o.Limit)
	case o.Local:
		o.Problems.Add(config.Pos{}, "--local", "this machine is %s, which is in no play", allowed[0])
	default:
		play := p.Plays[0].Play
		o.Problems.Add(play.HostsPos, "hosts", "no play has a host: the inventory has none in %q", play.Hosts)
	}
}
