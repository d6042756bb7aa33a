package patroni

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// stray is a setting in the server's files that neither pgrun nor Patroni
// wrote.
type stray struct {
	file, name string
	line       int
	value      string // "" where it may be a secret
	described  bool   // the inventory has a value of its own
	outside    bool   // of the data folder: an included file, which may be somebody else's
}

func (s stray) String() string {
	text := s.name
	if s.value != "" {
		text += " = " + s.value
	}
	return text + " in " + path.Base(s.file)
}

// bySystem says whether ALTER SYSTEM made it, and so can take it back.
func (s stray) bySystem() bool { return path.Base(s.file) == "postgresql.auto.conf" }

// strays finds what ALTER SYSTEM has set, and what somebody wrote into
// postgresql.conf or a file that it includes.
func (x observed) strays() []stray {
	var list []stray
	for _, e := range x.Entries {
		name := strings.ToLower(e.Name)
		_, described := x.wanted[name]
		own := slices.Contains(patronisOwn(), name)
		s := stray{file: e.File, name: e.Name, line: e.Line, described: described || own, outside: path.Dir(e.File) != x.data}
		if row, ok := x.settings[name]; ok && row.Type != "string" {
			s.value = e.Text
		}
		written := own || described || e.File == path.Join(x.data, "postgresql.base.conf") && slices.Contains(initdbs(), name)
		if e.Name != "" && !strings.HasPrefix(name, "recovery_") && (s.bySystem() || !written) {
			list = append(list, s)
		}
	}
	return list
}

// patronisOwn are the settings that Patroni writes whatever it is told. Where
// ALTER SYSTEM sets one, that counts instead of what Patroni writes: without
// synchronous_standby_names no commit waits for a standby any more.
func patronisOwn() []string {
	return []string{
		"hba_file", "ident_file", "hot_standby", "hot_standby_feedback", "synchronous_standby_names", "wal_keep_size", "wal_level",
		"primary_conninfo", "primary_slot_name", "restore_command", "archive_cleanup_command", "promote_trigger_file",
		"track_commit_timestamp", "wal_log_hints", "max_connections", "max_wal_senders", "max_prepared_transactions",
		"max_locks_per_transaction", "max_replication_slots", "max_worker_processes",
	}
}

// initdbs are those that initdb writes.
func initdbs() []string {
	return []string{
		"shared_buffers", "dynamic_shared_memory_type", "max_wal_size", "min_wal_size", "log_timezone", "datestyle", "timezone",
		"lc_messages", "lc_monetary", "lc_numeric", "lc_time", "default_text_search_config", "password_encryption", "log_file_mode",
		"max_connections",
	}
}

// takenBack are the strays that this run takes back: what has another value in
// the inventory always, the rest where the section says so. A file outside of
// the data folder is never written: whoever can include it need not own it.
func (r *Role) takenBack(list []stray) []stray {
	return slices.DeleteFunc(slices.Clone(list), func(s stray) bool { return s.outside || !s.described && r.Unmanaged != "remove" })
}

// warnStrays names what is left.
func (r *Role) warnStrays(t *runner.Target, list []stray) {
	if r.Unmanaged == "ignore" {
		return
	}
	list = slices.DeleteFunc(slices.Clone(list), func(s stray) bool { return r.Unmanaged == "remove" && !s.outside })
	for _, s := range list {
		if !s.described || s.outside {
			t.Warn("PostgreSQL has %s, which the inventory does not describe: write it to postgres.parameters, or take it out (patroni.unmanaged)", s)
		}
	}
}

// foreignSettings takes strays back.
func (r *Role) foreignSettings(x observed) modules.Module {
	return modules.Func{Name: "settings made past Patroni", Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		list := r.takenBack(x.strays())
		if len(list) == 0 {
			return nil, nil
		}
		var texts []string
		for _, s := range list {
			texts = append(texts, s.String())
		}
		return &modules.Change{
			Summary: "taken back: " + strings.Join(texts, ", "), Before: []byte(strings.Join(texts, "\n") + "\n"),
			Apply: func(ctx context.Context, h modules.Host) error { return x.takeBack(ctx, h, list) },
		}, nil
	}}
}

func (x observed) takeBack(ctx context.Context, h modules.Host, list []stray) error {
	names, files := map[string]string{}, map[string][]stray{}
	var script strings.Builder
	for _, s := range list {
		if !s.bySystem() {
			files[s.file] = append(files[s.file], s)
			continue
		}
		key := "n" + strconv.Itoa(len(names))
		names[key] = s.name
		script.WriteString("ALTER SYSTEM RESET :\"" + key + "\";\n")
	}
	for _, file := range sortedNames(files) {
		if err := takeOut(ctx, h, file, files[file]); err != nil {
			return err
		}
	}
	script.WriteString("SELECT pg_catalog.pg_reload_conf();\n")
	if _, err := h.Exec(ctx, x.server.Script(ctx, h, "postgres", script.String(), names).Command()); err != nil {
		return err
	}
	return h.Job(ctx, unitName, "reload") // so that Patroni knows what waits for a restart
}

// gone waits until the server runs with none of what was taken back, but for
// what waits for a restart.
func (r *Role) gone(t *runner.Target, list []stray) modules.Module {
	return modules.Until{Name: "they do not run any more", Deadline: 30 * time.Second,
		Met: func(ctx context.Context, reader modules.Reader) (string, error) {
			live, err := server(t.Observer).Live(ctx, reader)
			if err != nil {
				return "", err
			}
			rows := postgres.ByName(live.Rows)
			for _, s := range list {
				if row := rows[strings.ToLower(s.name)]; row.File == s.file && !row.PendingRestart {
					return fmt.Sprintf("%s still runs from %s", s.name, s.file), nil
				}
			}
			return "", nil
		}}
}

// takeOut makes comments of lines.
func takeOut(ctx context.Context, h modules.Host, file string, list []stray) error {
	content, err := h.ReadFile(ctx, file, 0)
	if err != nil {
		return err
	}
	lines := strings.SplitAfter(string(content), "\n")
	for _, s := range list {
		if s.line < 1 || s.line > len(lines) || !strings.HasPrefix(strings.TrimSpace(strings.ToLower(lines[s.line-1])), strings.ToLower(s.name)) {
			return fmt.Errorf("%s has changed: line %d does not set %s", file, s.line, s.name)
		}
		lines[s.line-1] = "# " + lines[s.line-1]
	}
	return h.WriteFile(ctx, modules.Content{
		Path: file, Data: []byte(strings.Join(lines, "")),
		Attributes: modules.Attributes{Owner: superuser, Group: superuser, Mode: 0o600},
	})
}
