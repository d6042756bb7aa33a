package patroni

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// share brings the settings in etcd to what the inventory says, by one PATCH
// of the keys that differ.
func (r *Role) share(ctx context.Context, t *runner.Target, pg *postgres.Role) error {
	if err := refuseUnknown(ctx, t, pg); err != nil {
		return err
	}
	var sent settings
	var loop time.Duration
	var before view
	// Where etcd was founded anew, a leader that was started by hand writes
	// them at its next loop.
	there := modules.Until{Name: "etcd has settings", Met: func(ctx context.Context, reader modules.Reader) (string, error) {
		_, err := liveSettings(ctx, reader, t.Host)
		return "", err
	}}
	if err := t.Ensure(ctx, there, modules.Func{Name: "settings of all members", Find: func(ctx context.Context, reader modules.Reader) (*modules.Change, error) {
		live, err := liveSettings(ctx, reader, t.Host)
		if err != nil {
			return nil, err
		}
		wanted := r.settings(pg).remembering(live)
		r.unmanaged(t, wanted, live)
		differ := patch(wanted, live)
		if len(differ) == 0 {
			return nil, nil
		}
		if err := refuseMixed(ctx, t.Observer, patched(live, differ)); err != nil {
			return nil, err
		}
		change, err := describe(live, differ)
		if err != nil {
			return nil, err
		}
		if change.Foresees, err = foreseen(t.Host, patched(live, differ)); err != nil {
			return nil, err
		}
		change.Apply = func(ctx context.Context, h modules.Host) error {
			sent, loop = differ, loopWait(live)
			before = look(ctx, h, t.Group("postgres"))
			return r.sendPatch(ctx, h, t.Host, wanted)
		}
		return change, nil
	}}); err != nil || sent == nil {
		return err
	}
	return noticed(ctx, t, before, sent, loop)
}

// noticed waits until the members know which of them need a restart for what
// was sent, so that a play after this one sees it: until all say so who did
// not say so before, or each has been round its loop.
func noticed(ctx context.Context, t *runner.Target, before view, sent settings, loop time.Duration) error {
	below, _ := sent["postgresql"].(settings)
	parameters, _ := below["parameters"].(settings)
	if len(parameters) == 0 {
		return nil // Patroni's own settings restart nothing
	}
	names, err := json.Marshal(sortedNames(parameters))
	if err != nil {
		return err
	}
	var restart bool
	const read = `SELECT pg_catalog.to_json(EXISTS (SELECT FROM pg_catalog.pg_settings WHERE context OPERATOR(pg_catalog.=) 'postmaster'
  AND name OPERATOR(pg_catalog.=) ANY (SELECT pg_catalog.json_array_elements_text(:'names'::pg_catalog.json))));
`
	if err := server(t.Observer).Query(ctx, t, "postgres", read, map[string]string{"names": string(names)}, &restart); err != nil || !restart {
		return err
	}
	round := time.Now().Add(loop + 2*time.Second)
	return t.Ensure(ctx, modules.Until{Name: "the members have read the settings", Deadline: loop + time.Minute,
		Met: func(ctx context.Context, reader modules.Reader) (string, error) {
			for name, n := range look(ctx, reader, t.Group("postgres")).Nodes {
				news := n.PendingRestart && !before.Nodes[name].PendingRestart
				if !news && time.Now().Before(round) {
					return name + " may not have been round its loop", nil
				}
			}
			return "", nil
		}})
}

// loopWait is how long a member may take until it looks at the settings.
func loopWait(live map[string]any) time.Duration {
	seconds, err := strconv.Atoi(meaning(live["loop_wait"]))
	if err != nil {
		seconds = 10 // Patroni's default
	}
	return time.Duration(seconds) * time.Second
}

// describe is the change as the operator sees it.
func describe(live map[string]any, differ settings) (*modules.Change, error) {
	before, err := yaml.Marshal(plain(without(live, recordKey)))
	if err != nil {
		return nil, err
	}
	after, err := yaml.Marshal(plain(without(patched(live, differ), recordKey)))
	if err != nil {
		return nil, err
	}
	names := without(differ, recordKey).leaves()
	if len(names) == 0 {
		return &modules.Change{Summary: "the record of what pgrun made differs"}, nil
	}
	return &modules.Change{Summary: "differ: " + strings.Join(names, ", "), Before: before, After: after}, nil
}

// sendPatch reads once more just before it sends, since a human may change
// settings at the same time. Patroni itself compares the revision when it
// writes and answers 409 when another was faster.
func (r *Role) sendPatch(ctx context.Context, h modules.Host, p runner.Peer, wanted settings) error {
	var response *modules.Response
	for range 3 {
		live, err := liveSettings(ctx, h, p)
		if err != nil {
			return err
		}
		differ := patch(wanted, live)
		if len(differ) == 0 {
			return nil
		}
		if response, err = r.call(ctx, h, p, "PATCH", "/config", differ, 2*restDeadline); err != nil {
			return err
		}
		if response.Status == statusOK {
			return nil
		}
		if response.Status != statusConflict {
			break
		}
	}
	return answered("changing the settings", response)
}

// liveSettings are the settings in etcd; numbers stay as they are written.
func liveSettings(ctx context.Context, r modules.Reader, p runner.Peer) (map[string]any, error) {
	base, err := address(p)
	if err != nil {
		return nil, err
	}
	response, err := r.Get(ctx, modules.Request{URL: base + "/config", Deadline: restDeadline})
	if err != nil {
		return nil, fmt.Errorf("the REST API of %s: %w", p.Name, err)
	}
	if response.Status != statusOK {
		return nil, answered("reading the settings", response)
	}
	decoder := json.NewDecoder(bytes.NewReader(response.Body))
	decoder.UseNumber()
	var live map[string]any
	if err := decoder.Decode(&live); err != nil {
		return nil, fmt.Errorf("the settings are no JSON: %w", err)
	}
	return live, nil
}

// plain turns numbers of JSON into those of YAML, for the diff.
func plain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := map[string]any{}
		for key, below := range v {
			copied[key] = plain(below)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, below := range v {
			copied[i] = plain(below)
		}
		return copied
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		return v.String()
	}
	return value
}
