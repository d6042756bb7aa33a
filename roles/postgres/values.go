package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/runner"
)

// Actions are what the role does on demand.
func (r *Role) Actions() []runner.Action {
	return []runner.Action{{Name: "check", Unanimous: true, Do: r.check}}
}

// check refuses settings that this host could not run with, before any host is
// changed. Where the server's program is not installed yet, Apply does it
// afterwards.
func (r *Role) check(ctx context.Context, t *runner.Target) error {
	c := runner.Section[*cluster.Role](t.View)
	if _, err := t.Lstat(ctx, serverProgram(r, c)); errors.Is(err, fs.ErrNotExist) {
		t.Skip(ctx, "settings that PostgreSQL takes", fmt.Sprintf("PostgreSQL %d is not installed yet", c.PostgresVersion))
		return nil
	}
	return r.refuseValues(ctx, t)
}

func serverProgram(r *Role, c *cluster.Role) string {
	return r.Paths(c.PostgresVersion, "").Bin + "/postgres"
}

// refuseValues lets the server's own program read the section's parameters,
// and compares what they ask for with the machine. Patroni would drop a value
// that is not valid, and only its log would say so; one that is too big would
// keep every member from starting again.
func (r *Role) refuseValues(ctx context.Context, t *runner.Target) error {
	c := runner.Section[*cluster.Role](t.View)
	values := r.written()
	wrong, err := invalid(ctx, t, serverProgram(r, c), values)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		if wrong, err = r.tooBig(ctx, t, c, values); err != nil {
			return err
		}
	}
	if len(wrong) > 0 {
		return runner.Refuse("PostgreSQL %d could not run with these settings (postgres.parameters): %s", c.PostgresVersion, strings.Join(wrong, "; "))
	}
	return nil
}

// written are the section's parameters as PostgreSQL reads them.
func (r *Role) written() map[string]string {
	set := map[string]string{}
	for name, value := range r.Parameters {
		if value != nil {
			set[strings.ToLower(name)], _ = settingText(value) // Validate has reported what cannot be one
		}
	}
	return set
}

// invalid are the settings that the server's program refuses, with its reason.
// It stops at the first: that one is left out and it is asked again.
func invalid(ctx context.Context, r modules.Reader, program string, values map[string]string) ([]string, error) {
	var wrong []string
	left := maps.Clone(values)
	for len(left) > 0 {
		_, said, err := ask(ctx, r, program, "max_connections", left)
		if err != nil {
			return nil, err
		}
		if said == "" {
			return wrong, nil
		}
		name := blamed(said, left)
		if name == "" {
			return nil, fmt.Errorf("postgres -C refuses the settings: %s", said)
		}
		wrong = append(wrong, fmt.Sprintf("%s = %s: %s", name, left[name], said))
		delete(left, name)
	}
	return wrong, nil
}

// ask starts the server's program just to print one setting, with values on
// its command line and without a configuration of its own. said is why it
// refuses them.
func ask(ctx context.Context, r modules.Reader, program, name string, values map[string]string) (setting, said string, err error) {
	// Of its data folder the program reads postgresql.auto.conf, whatever the
	// configuration: so that is one in which nobody else can put any.
	argv := []string{program, "-C", name, "-D", path.Dir(program), "--config-file=/dev/null", "-c", "log_line_prefix="}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		argv = append(argv, "-c", key+"="+values[key])
	}
	result, err := r.Query(ctx, modules.Command{Argv: argv, User: "postgres"})
	if exit := (*modules.ExitError)(nil); errors.As(err, &exit) {
		return "", refusal(exit.Stderr), nil
	}
	if err != nil {
		return "", "", err
	}
	return strings.TrimSpace(string(result.Stdout)), "", nil
}

// refusal joins what the program printed: its FATAL line, and the details.
func refusal(stderr string) string {
	var parts []string
	for line := range strings.Lines(stderr) {
		for _, kind := range []string{"FATAL:", "DETAIL:", "HINT:"} {
			if _, text, ok := strings.Cut(line, kind); ok {
				parts = append(parts, strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), ".")))
			}
		}
	}
	if len(parts) == 0 {
		return strings.TrimSpace(stderr)
	}
	return strings.Join(parts, ". ")
}

// blamed is the setting that the reason names. PostgreSQL spells some with
// capitals.
func blamed(said string, values map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if strings.Contains(strings.ToLower(said), `"`+name+`"`) {
			return name
		}
	}
	return ""
}

// tooBig compares what is asked for with the host's memory and disk.
func (r *Role) tooBig(ctx context.Context, t *runner.Target, c *cluster.Role, values map[string]string) ([]string, error) {
	var wrong []string
	limits := []struct {
		name string
		unit int64 // of what the program prints
		disk bool
	}{
		{"shared_buffers", 8 << 10, false}, {"maintenance_work_mem", 1 << 10, false}, {"work_mem", 1 << 10, false},
		{"max_wal_size", megabyte, true}, {"min_wal_size", megabyte, true}, {"wal_keep_size", megabyte, true}, {"max_slot_wal_keep_size", megabyte, true},
	}
	for _, limit := range limits {
		if values[limit.name] == "" {
			continue
		}
		text, _, err := ask(ctx, t, serverProgram(r, c), limit.name, values)
		if err != nil {
			return nil, err
		}
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("postgres -C %s printed %q", limit.name, text)
		}
		have, what := t.Facts.Memory, "of memory"
		if limit.disk {
			if have, err = diskOf(ctx, t.Observer, r.DataDir); err != nil {
				return nil, err
			}
			what = "on the disk of " + r.DataDir
		}
		if number*limit.unit > have/10*9 {
			wrong = append(wrong, fmt.Sprintf("%s = %s: %s has %d MB %s", limit.name, values[limit.name], t.Host.Name, have/megabyte, what))
		}
	}
	return wrong, nil
}
