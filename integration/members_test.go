//go:build integration

package integration

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

// membership is a cluster of four from which hosts go, and to which one comes back.
type membership struct {
	*cluster
	goes *lab.Host // the synchronous standby
}

// TestMembers walks through who is in a cluster. Four hosts, so that three are left when one is away.
func TestMembers(t *testing.T) {
	m := &membership{cluster: hosts(t, lab.Config{Name: "members", Hosts: []string{"db1", "db2", "db3", "db4", "lb1"}})}
	m.edit(t, "inventory.yml", "rto: fast", "rto: fast\n          synchronous_mode: on")
	for _, step := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"first run", m.first},
		{"two hosts swapped their addresses", m.swapped},
		{"another name, another version", m.renamed},
		{"a host that is not in the inventory", m.stranger},
		{"removed", m.removed},
		{"leader killed without it", m.leaderKilled},
		{"brought back", m.back},
		{"gone for ever", m.goneForEver},
	} {
		if !t.Run(step.name, step.do) {
			return // what comes after rests on it
		}
	}
}

// edit writes the lab's inventory with texts replaced, and returns its path.
func (m *membership) edit(t *testing.T, name string, pairs ...string) string {
	t.Helper()
	text, err := os.ReadFile(m.Inventory())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(m.Dir, name)
	write(t, path, strings.NewReplacer(pairs...).Replace(string(text)))
	return path
}

// without is the inventory without a host.
func (m *membership) without(t *testing.T, h *lab.Host) string {
	return m.edit(t, "without.yml", fmt.Sprintf("    %s: {ansible_host: %s}\n", h.Name, h.Address), "", "        "+h.Name+": {}\n", "")
}

func (m *membership) play(t *testing.T, name, inventory string, args ...string) result {
	t.Helper()
	return pgrun(t, append([]string{name, "-i", inventory, "--output", "json"}, args...)...)
}

func (m *membership) first(t *testing.T) {
	m.site(t).want(t, 0)
	m.site(t).unchanged(t, len(m.Hosts))
	m.goes = m.standby(t)
}

// standby is the synchronous one.
func (m *membership) standby(t *testing.T) *lab.Host {
	t.Helper()
	name := ""
	eventually(t, time.Minute, func(ctx context.Context) error {
		members, err := m.Members(ctx)
		for _, member := range members {
			if member.Role == "sync_standby" {
				name = member.Name
			}
		}
		if err == nil && name == "" {
			err = fmt.Errorf("no synchronous standby: %+v", members)
		}
		return err
	})
	return m.Host(name)
}

// files are the digests of what a refused run must not touch.
func (m *membership) files(t *testing.T) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for _, h := range m.Hosts {
		sums[h.Name] = on(t, h, "sh", "-c", "find /etc /var/lib/etcd -maxdepth 2 -type f -newer /etc/hostname | sort | xargs -r sha256sum; ls /var/lib/etcd /usr/lib/postgresql 2>/dev/null; true")
	}
	return sums
}

// untouched makes a run that has to be refused before it changes anything.
func (m *membership) untouched(t *testing.T, playbook, inventory string, says ...string) {
	t.Helper()
	files, units := m.files(t), m.invocations(t)
	r := m.play(t, playbook, inventory).want(t, gateRefused)
	for _, text := range says {
		r.says(t, text)
	}
	if changes := r.changes(); len(changes) > 0 {
		t.Errorf("it changed %q", changes)
	}
	if now := m.files(t); !maps.Equal(now, files) {
		t.Errorf("files differ: before %v, now %v", files, now)
	}
	m.still(t, units)
	t.Logf("measured: refused after %.1f s", r.took.Seconds())
}

func (m *membership) swapped(t *testing.T) {
	a, b := m.Host("db1").Address.String(), m.Host("db2").Address.String()
	m.untouched(t, "site.yml", m.edit(t, "swapped.yml", "{ansible_host: "+a+"}", "{ansible_host: "+b+"}", "{ansible_host: "+b+"}", "{ansible_host: "+a+"}"),
		"two hosts have each other's address, or one was renamed")
}

func (m *membership) renamed(t *testing.T) {
	m.untouched(t, "site.yml", m.edit(t, "renamed.yml", "cluster: {name: "+m.Name, "cluster: {name: other"), "cluster.name cannot be changed once the cluster exists")
	m.untouched(t, "site.yml", m.edit(t, "major.yml", "postgres_version: "+m.Postgres(), "postgres_version: 16"), "cluster.postgres_version is 16, and this host's data in ")
}

func (m *membership) stranger(t *testing.T) {
	inventory := m.without(t, m.goes)
	for _, playbook := range []string{"site.yml", "rolling-upgrade.yml"} {
		m.untouched(t, playbook, inventory, m.goes.Name+" (http://"+m.goes.Address.String()+":2380) is a member", "Bring it back into the inventory", "pgrun remove-node.yml -e host="+m.goes.Name)
	}
	m.play(t, "remove-node.yml", inventory).want(t, wrongInput).says(t, "-e host=NAME")
}

func (m *membership) remove(t *testing.T, inventory string, h *lab.Host) result {
	t.Helper()
	return m.play(t, "remove-node.yml", inventory, "-e", "host="+h.Name)
}

func (m *membership) removed(t *testing.T) {
	// Nobody can stop its Patroni while the inventory does not say where it is.
	m.remove(t, m.without(t, m.goes), m.goes).want(t, gateRefused).says(t, "Patroni runs on "+m.goes.Name+" and renews its key")
	data := on(t, m.goes, "sh", "-c", "ls -d /var/lib/postgresql/*/*/global/pg_control /var/lib/etcd/*/member")
	w := m.write(t, "removal")
	r := m.remove(t, m.Inventory(), m.goes).want(t, 0)
	w.end(t, "removal of the synchronous standby", 10*time.Second)
	t.Logf("measured: removed after %.1f s", r.took.Seconds())
	r.says(t, "the data stays in").says(t, "still in the inventory")
	for _, unit := range []string{"patroni", "etcd"} {
		if state := on(t, m.goes, "sh", "-c", "systemctl is-active "+unit+"; systemctl is-enabled "+unit+"; true"); state != "inactive\ndisabled" {
			t.Errorf("%s: %s", unit, state)
		}
	}
	if now := on(t, m.goes, "sh", "-c", "ls -d /var/lib/postgresql/*/*/global/pg_control /var/lib/etcd/*/member"); now != data {
		t.Errorf("its data was %s and is %s", data, now)
	}
	m.gone(t, m.goes)
	for _, inventory := range []string{m.Inventory(), m.without(t, m.goes)} {
		if changes := m.remove(t, inventory, m.goes).want(t, 0).changes(); len(changes) > 0 {
			t.Errorf("a second run changes %q", changes)
		}
	}
	m.play(t, "site.yml", m.without(t, m.goes)).want(t, 0)
	m.play(t, "site.yml", m.without(t, m.goes)).unchanged(t, len(m.Hosts)-1)
}

// gone asks etcd and Patroni. Its slot Patroni 4 keeps for member_slots_ttl.
func (m *membership) gone(t *testing.T, h *lab.Host) {
	t.Helper()
	leader := m.leader(t)
	if list := on(t, leader, "etcdctl", "--endpoints=http://127.0.0.1:2379", "member", "list"); strings.Contains(list, h.Name) || strings.Count(list, "started") != 3 {
		t.Errorf("members of etcd:\n%s", list)
	}
	members, err := m.Members(t.Context())
	if err != nil || slices.ContainsFunc(members, func(member lab.Member) bool { return member.Name == h.Name }) {
		t.Errorf("members of Patroni: %+v, %v", members, err)
	}
}

func (m *membership) leaderKilled(t *testing.T) {
	leader := m.leader(t)
	bound := lost
	if m.leadsEtcd(t, leader) {
		bound += lostEtcd
	}
	w := m.write(t, "without")
	if err := leader.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.flows(t, bound+10*time.Second)
	if err := m.Start(t.Context(), leader); err != nil {
		t.Fatal(err)
	}
	m.count(t, 3)
	w.end(t, "leader killed, one host removed", bound)
}

// count waits until so many members stream, the leader beside them.
func (m *membership) count(t *testing.T, want int) {
	t.Helper()
	eventually(t, 2*time.Minute, func(ctx context.Context) error {
		members, err := m.Members(ctx)
		well := 0
		for _, member := range members {
			if member.State == "streaming" || member.Role == "leader" {
				well++
			}
		}
		if err == nil && (well != want || len(members) != want) {
			err = fmt.Errorf("members: %+v", members)
		}
		return err
	})
}

// back is the host with its old data: etcd's is of no use, PostgreSQL's is.
func (m *membership) back(t *testing.T) {
	m.site(t).want(t, gateRefused).says(t, "which the cluster removed")
	on(t, m.goes, "sh", "-c", "mv /var/lib/etcd/"+m.Name+" /var/lib/etcd/former")
	m.site(t).want(t, 0)
	m.count(t, 4)
	m.site(t).unchanged(t, len(m.Hosts))
}

func (m *membership) goneForEver(t *testing.T) {
	leader := m.leader(t)
	i := slices.IndexFunc(m.Databases(), func(h *lab.Host) bool { return h.Name != leader.Name })
	dead := m.Databases()[i]
	if err := dead.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.remove(t, m.Inventory(), dead).want(t, 0).says(t, "cannot be reached")
	m.gone(t, dead)
	for _, inventory := range []string{m.Inventory(), m.without(t, dead)} {
		if changes := m.remove(t, inventory, dead).want(t, 0).changes(); len(changes) > 0 {
			t.Errorf("a second run changes %q", changes)
		}
	}
	m.play(t, "site.yml", m.without(t, dead)).want(t, 0)
	m.play(t, "site.yml", m.without(t, dead)).unchanged(t, len(m.Hosts)-1)
}
