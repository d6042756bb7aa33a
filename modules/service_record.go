package modules

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
)

// record is what a unit was started and reloaded with. It lies in
// /run/pgrun/units, so it does not survive the boot, as the unit does not.
type record struct {
	Invocation string            `json:"invocation"`
	Reload     map[string]string `json:"reload,omitempty"`  // path to digest, at the last start or reload
	Restart    map[string]string `json:"restart,omitempty"` // path to digest, at the last start
}

func (m Service) recordPath() string { return "/run/pgrun/units/" + UnitName(m.Name) + ".json" }

// readRecord returns an empty record where there is none, or none that can be
// read: timestamps decide then.
func (m Service) readRecord(ctx context.Context, r Reader) (record, error) {
	var known record
	text, err := r.ReadFile(ctx, m.recordPath(), 0)
	if errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return known, err
	}
	if json.Unmarshal(text, &known) != nil {
		return record{}, nil
	}
	return known, nil
}

// digests of all files that the service names.
func (m Service) digests(ctx context.Context, r Reader) (map[string]string, error) {
	digests := map[string]string{}
	for _, name := range append(append([]string{}, m.Reload...), m.Restart...) {
		sum, err := digest(ctx, r, name)
		if err != nil {
			return nil, err
		}
		digests[name] = sum
	}
	return digests, nil
}

func (m Service) recordStart(ctx context.Context, h Host, digests map[string]string) error {
	return m.writeRecord(ctx, h, record{Reload: only(digests, m.Reload), Restart: only(digests, m.Restart)})
}

// recordReload keeps what the running process was started with: a file that
// wants a restart still does after a reload.
func (m Service) recordReload(ctx context.Context, h Host, digests map[string]string) error {
	unit, err := h.Unit(ctx, m.Name)
	if err != nil {
		return err
	}
	known, err := m.readRecord(ctx, h)
	if err != nil {
		return err
	}
	if known.Invocation != unit.InvocationID {
		known.Restart = nil
	}
	return m.writeRecord(ctx, h, record{Reload: only(digests, m.Reload), Restart: known.Restart})
}

func only(digests map[string]string, names []string) map[string]string {
	part := map[string]string{}
	for _, name := range names {
		part[name] = digests[name]
	}
	return part
}

func (m Service) writeRecord(ctx context.Context, h Host, now record) error {
	unit, err := h.Unit(ctx, m.Name)
	if err != nil {
		return err
	}
	now.Invocation = unit.InvocationID
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	if err := ensureDir(ctx, h, path.Dir(m.recordPath())); err != nil {
		return err
	}
	return h.WriteFile(ctx, Content{Path: m.recordPath(), Data: append(text, '\n'), Attributes: Root(0o600)})
}
