package etcd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	unit       = "etcd.service"
	configPath = "/etc/etcd/etcd.yml"
	dropInDir  = "/etc/systemd/system/etcd.service.d"
	dropIn     = dropInDir + "/pgrun.conf"
	// packageSums changes with every version of the package, so that a new
	// binary that does not run yet is seen as one.
	packageSums = "/var/lib/dpkg/info/etcd-server.md5sums"
	runDir      = "/run/pgrun"
	startText   = "pgrun lets etcd start without data\n"
)

// machine is a member on its own host.
type machine struct {
	*Role
	view    *runner.View
	me      Member
	members []Member
	data    string

	departing string // the host that an operator removes
}

func newMachine(r *Role, v *runner.View) (*machine, error) {
	m := &machine{Role: r, view: v, members: membersOf(v), data: r.dataDir(v)}
	i := slices.IndexFunc(m.members, func(other Member) bool { return other.Name == v.Host.Name })
	if i < 0 || m.members[i].PeerURL == "" {
		return nil, errNoMember(v)
	}
	m.me = m.members[i]
	return m, nil
}

func (m *machine) others() []Member {
	return slices.DeleteFunc(slices.Clone(m.members), func(o Member) bool { return o.Name == m.me.Name })
}

// local is the client endpoint that is there whatever happens to addresses.
func (m *machine) local() string { return fmt.Sprintf("http://127.0.0.1:%d", m.ClientPort) }

// gateway asks this member first and then the others.
func (m *machine) gateway(send sender) gateway {
	return gateway{send: send, endpoints: clientURLs(append([]Member{m.me}, m.others()...))}
}

func clientURLs(members []Member) []string {
	var list []string
	for _, m := range members {
		if m.ClientURL != "" {
			list = append(list, m.ClientURL)
		}
	}
	return list
}

// hasData says whether the member ever began: it has a write-ahead log. An
// empty folder, or one of an etcd that was stopped before it wrote any, is none.
func (m *machine) hasData(ctx context.Context, r modules.Reader) (bool, error) {
	names, err := r.ReadDir(ctx, m.walDir())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return len(names) > 0, err
}

func (m *machine) walDir() string { return m.data + "/member/wal" }

// permission is the file that lets the unit start without data, once. It lies
// in /run: a boot takes it away.
func (m *machine) permission() string { return runDir + "/etcd-" + m.view.Cluster + ".start" }

func (m *machine) marker() string { return markerDir + "/etcd-" + m.view.Cluster + ".json" }

func (m *machine) service() modules.Service {
	return modules.Service{Name: unit, Restart: []string{configPath, dropIn, packageSums}, NoBlock: true}
}

func (m *machine) packages(latest bool) modules.Packages {
	return modules.Packages{Names: []string{serverPackage, "etcd-client"}, Latest: latest, Hold: true}
}

// runs says whether there is a process: a member without a quorum is starting
// for as long as there is none.
func runs(u *modules.Unit) bool {
	return u.ActiveState == "active" || u.ActiveState == "activating" && u.SubState != "auto-restart"
}
