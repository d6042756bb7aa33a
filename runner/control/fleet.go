package control

import (
	"encoding/json"
	"fmt"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/runner"
)

// fleet is every host of the inventory with its decoded sections.
type fleet struct {
	inventory *inventory.Inventory
	registry  runner.Registry
	problems  *config.Problems
	members   []*member
	byName    map[string]*member
	clusters  map[string][]runner.Peer
	lost      map[string]bool // clusters with a host that has no address
}

// member is a host as the roles of its cluster see it.
type member struct {
	host    *inventory.Host
	cluster string
	peer    runner.Peer
	roles   map[string]runner.Role
}

// resolve decodes all sections of all hosts and lets their roles publish.
func resolve(inv *inventory.Inventory, registry runner.Registry, problems *config.Problems) *fleet {
	f := &fleet{
		inventory: inv, registry: registry, problems: problems,
		byName: map[string]*member{}, lost: map[string]bool{},
	}
	inv.CheckKeys(registry.Names(), problems)
	inv.CheckMisplaced(registry.Names(), problems)
	f.decodeUnused()
	for _, host := range inv.Hosts {
		m := f.decode(host)
		f.members = append(f.members, m)
		f.byName[host.Name] = m
		if !m.peer.Address.IsValid() {
			f.lost[m.cluster] = true
		}
	}
	f.group()
	for _, hosts := range f.hostsByCluster() {
		inv.CheckAddresses(hosts, problems)
	}
	for _, m := range f.members {
		f.publish(m)
	}
	f.group() // once more, with what was published
	return f
}

// decodeUnused checks the sections that no host gets.
func (f *fleet) decodeUnused() {
	for _, vars := range f.inventory.Unused() {
		for _, entry := range f.registry {
			if _, section := config.Get(vars, entry.Name); section != nil {
				config.Decode(f.inventory.Files, section, entry.New(), entry.Name, f.problems)
			}
		}
	}
}

// group collects the clusters' peers.
func (f *fleet) group() {
	f.clusters = map[string][]runner.Peer{}
	for _, m := range f.members {
		f.clusters[m.cluster] = append(f.clusters[m.cluster], m.peer)
	}
}

func (f *fleet) hostsByCluster() map[string][]*inventory.Host {
	clusters := map[string][]*inventory.Host{}
	for _, m := range f.members {
		clusters[m.cluster] = append(clusters[m.cluster], m.host)
	}
	return clusters
}

func (f *fleet) decode(host *inventory.Host) *member {
	m := &member{host: host, cluster: clusterName(host), roles: map[string]runner.Role{}}
	m.peer = runner.Peer{Name: host.Name, Address: f.inventory.ClusterAddress(host, f.problems), Groups: host.Groups}
	f.inventory.Connection(host, f.problems)
	for _, entry := range f.registry {
		role := entry.New()
		if section := host.Section(entry.Name); section != nil {
			config.Decode(f.inventory.Files, section, role, entry.Name, f.problems)
		}
		m.roles[entry.Name] = role
	}
	return m
}

// clusterRole names the cluster.
const clusterRole = "cluster"

// clusterName is read before the sections are: it says who is a peer.
func clusterName(host *inventory.Host) string {
	section := host.Section(clusterRole)
	if section == nil {
		return "main"
	}
	for i := 0; i+1 < len(section.Content); i += 2 {
		if section.Content[i].Value == "name" && section.Content[i+1].Value != "" {
			return section.Content[i+1].Value
		}
	}
	return "main"
}

func (f *fleet) publish(m *member) {
	published := map[string]json.RawMessage{}
	for _, entry := range f.registry {
		publisher, ok := m.roles[entry.Name].(runner.Publisher)
		if !ok {
			continue
		}
		value := publisher.Publish(f.view(m, entry.Name))
		if value == nil {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			panic(fmt.Sprintf("role %s publishes what is no JSON: %v", entry.Name, err))
		}
		published[entry.Name] = text
	}
	m.peer = m.peer.WithPublished(published)
}

// view is what a role of a host may know.
func (f *fleet) view(m *member, role string) *runner.View {
	sections := map[string]runner.Role{role: m.roles[role]}
	if entry, ok := f.registry.Find(role); ok {
		for _, other := range entry.Reads {
			sections[other] = m.roles[other]
		}
	}
	report := func(key, message string, warning bool) {
		path, pos, there := role, f.position(m, role, key), f.there(m, role, key)
		if key != "" {
			path += "." + key
		}
		switch {
		case warning:
			f.problems.Warn(pos, path, "%s", message)
		case there:
			f.problems.Add(pos, path, "%s", message)
		default:
			f.problems.Missing(pos, path, "%s", message)
		}
	}
	return runner.NewView(m.cluster, m.peer, f.clusters[m.cluster], sections, report)
}

// there says whether a key of a section has a value.
func (f *fleet) there(m *member, role, key string) bool {
	return key == "" || config.Has(m.host.Section(role), key)
}

func (f *fleet) position(m *member, role, key string) config.Pos {
	section := m.host.Section(role)
	if section == nil {
		return m.host.Pos()
	}
	return f.inventory.Files.Pos(config.Find(section, key))
}
