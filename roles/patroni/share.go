package patroni

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// share brings the settings in etcd to what the inventory says, by one PATCH
// of the keys that differ, and waits until every member has read them, so that
// a play after this one sees what they call for.
func (r *Role) share(ctx context.Context, t *runner.Target, pg *postgres.Role) error {
	var seen map[string]int64
	err := t.Ensure(ctx, modules.Func{Name: "settings of all members", Find: func(ctx context.Context, reader modules.Reader) (*modules.Change, error) {
		change, err := r.patch(ctx, reader, t.Host, r.settings(pg))
		if err != nil || change == nil {
			return nil, err
		}
		send := change.Apply
		change.Apply = func(ctx context.Context, h modules.Host) error {
			err := send(ctx, h)
			seen = lastSeen(look(ctx, h, t.Group("postgres")))
			return err
		}
		return change, nil
	}})
	if err != nil || seen == nil {
		return err
	}
	return t.Ensure(ctx, modules.Until{Name: "every member has read the settings", Met: func(ctx context.Context, reader modules.Reader) (string, error) {
		return unread(seen, lastSeen(look(ctx, reader, t.Group("postgres")))), nil
	}})
}

// patch finds what the live settings lack.
func (r *Role) patch(ctx context.Context, reader modules.Reader, p runner.Peer, wanted settings) (*modules.Change, error) {
	live, err := liveSettings(ctx, reader, p)
	if err != nil {
		return nil, err
	}
	differ := patch(wanted, live)
	if len(differ) == 0 {
		return nil, nil
	}
	before, err := yaml.Marshal(plain(live))
	if err != nil {
		return nil, err
	}
	after, err := yaml.Marshal(plain(patched(live, differ)))
	if err != nil {
		return nil, err
	}
	return &modules.Change{
		Summary: "differ: " + strings.Join(differ.leaves(), ", "), Before: before, After: after,
		Apply: func(ctx context.Context, h modules.Host) error { return r.sendPatch(ctx, h, p, wanted) },
	}, nil
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

// lastSeen is when each member that answers last read etcd, by its own clock.
func lastSeen(v view) map[string]int64 {
	seen := map[string]int64{}
	for name, n := range v.Nodes {
		seen[name] = n.LastSeen
	}
	return seen
}

// unread names the members that have not read etcd again.
func unread(before, now map[string]int64) string {
	var names []string
	for _, name := range sortedNames(before) {
		if at, ok := now[name]; ok && at == before[name] {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, ", ") + " have not read them yet"
}
