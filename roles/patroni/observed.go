package patroni

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// observed is what this member runs with at this moment, and what it shall.
type observed struct {
	postgres.Live
	settings map[string]postgres.Setting
	node     nodeState
	shared   map[string]any // in etcd
	wanted   map[string]string
	hba      []string // the lines of the live pg_hba.conf that count
	wantHBA  []string
	tags     map[string]any
	server   postgres.Server
	data     string // PGDATA
}

func (r *Role) observed(ctx context.Context, reader modules.Reader, o *runner.Observer) (observed, error) {
	pg := postgresSection(o.View)
	s := server(o)
	x := observed{tags: r.Tags.wanted(), wantHBA: hba(o.View, pg, clusterSection(o.View)), data: s.Data, server: s}
	var err error
	if x.shared, err = liveSettings(ctx, reader, o.Host); err != nil {
		return x, err
	}
	own, err := local(ctx, reader)
	if err != nil {
		return x, err
	}
	x.wanted = wantedHere(o, x.shared, own)
	if err := get(ctx, reader, o.Host, "/patroni", &x.node); err != nil {
		return x, err
	}
	if x.Live, err = s.Live(ctx, reader); err != nil {
		return x, err
	}
	x.settings = postgres.ByName(x.Rows)
	content, err := reader.ReadFile(ctx, x.hbaPath(), 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return x, err
	}
	x.hba = rules(string(content))
	return x, nil
}

func (x observed) hbaPath() string { return path.Join(x.data, "pg_hba.conf") }

// rules are the lines of pg_hba.conf that say something.
func rules(content string) []string {
	var lines []string
	for line := range strings.Lines(content) {
		if line = strings.Join(strings.Fields(line), " "); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

// sharedMemoryNames are the settings that a replica may not have lower than
// its leader.
func sharedMemoryNames() []string {
	return []string{"max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions", "max_locks_per_transaction"}
}

// sameRules compares the live pg_hba.conf with what it shall be.
func (x observed) sameRules() bool {
	return slices.Equal(x.hba, rules(strings.Join(x.wantHBA, "\n")))
}

// differences say in what this member runs otherwise than it shall, sorted.
// What waits for a restart is none: that is the restart's own.
func (x observed) differences() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(x.wanted)) {
		if text := x.difference(name, x.wanted[name]); text != "" {
			list = append(list, text)
		}
	}
	if !x.sameRules() {
		list = append(list, "pg_hba.conf is not what the inventory says")
	}
	for _, wrong := range x.HBA {
		list = append(list, "pg_hba.conf: "+wrong.Error)
	}
	return append(list, otherTags(x.tags, x.node.Tags)...)
}

// difference says in what a setting runs otherwise than with a text.
func (x observed) difference(name, wanted string) string {
	s, known := x.settings[name]
	switch {
	case !known && strings.Contains(name, "."):
		return name + " is not set, and shall be " + wanted
	case !known:
		return name + " is no setting of this server"
	case s.OfSession():
		// Of a session such as pgrun's: what counts for others is the file.
		if entry, ok := x.entry(name); !ok || !s.Alike(entry.Text, wanted) {
			return name + " is " + entry.Text + " in the server's files, and shall be " + wanted
		}
		return ""
	case s.Same(wanted):
		return ""
	case s.Context == "postmaster" && x.node.PendingRestart && x.pending(s, wanted):
		return ""
	}
	return name + " is " + s.Runs() + ", and shall be " + wanted
}

// pending says whether a restart brings a setting there: then the files have
// it already. A replica may have to keep more than that of what its leader
// runs with.
func (x observed) pending(s postgres.Setting, wanted string) bool {
	if slices.Contains(sharedMemoryNames(), s.Name) {
		return true
	}
	entry, ok := x.entry(strings.ToLower(s.Name))
	return ok && s.Alike(entry.Text, wanted)
}

// entry is the line of the server's files that counts for a setting: the last.
func (x observed) entry(name string) (postgres.Entry, bool) {
	for _, e := range slices.Backward(x.Entries) {
		if strings.EqualFold(e.Name, name) {
			return e, true
		}
	}
	return postgres.Entry{}, false
}

// otherTags compares tags. Patroni leaves out those that are off, and adds
// nosync for a moment to a member that it takes out of the synchronous ones.
func otherTags(wanted, reported map[string]any) []string {
	names := slices.Collect(maps.Keys(wanted))
	for name := range reported {
		if _, ok := wanted[name]; !ok && name != "nosync" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var list []string
	for _, name := range names {
		want, have := tag(wanted[name]), tag(reported[name])
		if want != have {
			list = append(list, "the tag "+name+" is "+have+" in Patroni, and shall be "+want)
		}
	}
	return list
}

func tag(value any) string {
	if value == nil {
		return "off"
	}
	return meaning(value)
}
