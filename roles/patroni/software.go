package patroni

import (
	"context"
	"fmt"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// software is what of a member's programs is installed, on offer, and running.
type software struct {
	packages map[string]modules.Offer
	server   string // name of the server's package
	node     nodeState
}

func packageNames(v *runner.View) []string {
	return append(postgresSection(v).PackageNames(clusterSection(v).PostgresVersion), packages().Names...)
}

func observe(ctx context.Context, o *runner.Observer) (software, error) {
	names := packageNames(o.View)
	versions, err := modules.Offers(ctx, o, names...)
	if err != nil {
		return software{}, err
	}
	node, err := me(ctx, o)
	return software{packages: versions, server: names[0], node: node}, err
}

// outdated are the packages for which there is a newer version.
func (s software) outdated() []string {
	var list []string
	for _, name := range sortedNames(s.packages) {
		if v := s.packages[name]; v.Upgradable() {
			list = append(list, fmt.Sprintf("%s %s -> %s", name, v.Installed, v.Candidate))
		}
	}
	return list
}

// behind says what runs in another version than is installed: a package alone
// changes no running server.
func (s software) behind() (patroni, server string, err error) {
	if installed := modules.Upstream(s.packages["patroni"].Installed); installed != s.node.Patroni.Version {
		patroni = fmt.Sprintf("Patroni %s is installed and %s runs", installed, s.node.Patroni.Version)
	}
	installed, err := postgres.ServerVersion(s.packages[s.server].Installed)
	if err != nil {
		return "", "", err
	}
	if s.node.ServerVersion != installed {
		server = fmt.Sprintf("PostgreSQL %s is installed and %s runs", serverText(installed), serverText(s.node.ServerVersion))
	}
	return patroni, server, nil
}

func serverText(version int) string {
	if version == 0 {
		return "none"
	}
	return fmt.Sprintf("%d.%d", version/10000, version%10000)
}

// upgraded says whether another member runs what is on offer here. A member
// of a mixed cluster may only hand over to one that is already upgraded.
func (s software) upgraded() func(nodeState) bool {
	newest := func(name string) string {
		if v := s.packages[name]; v.Candidate != "" {
			return v.Candidate
		}
		return s.packages[name].Installed
	}
	version, err := postgres.ServerVersion(newest(s.server))
	return func(n nodeState) bool {
		return err == nil && n.ServerVersion >= version && n.Patroni.Version == modules.Upstream(newest("patroni"))
	}
}
