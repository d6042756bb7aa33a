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
	// Written is when the files of Reload were written that the unit has read,
	// in nanoseconds. The digest alone does not tell: somebody else may have
	// changed a file and reloaded, and a repair brings the old digest back.
	Written map[string]int64 `json:"written,omitempty"`
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

// files are those that the service names, as they are now.
func (m Service) files(ctx context.Context, r Reader) (record, error) {
	now := record{Reload: map[string]string{}, Restart: map[string]string{}, Written: map[string]int64{}}
	for _, name := range m.Reload {
		// The time first: what is written in between is then stale.
		written, err := modified(ctx, r, name)
		if err != nil {
			return now, err
		}
		if now.Reload[name], err = digest(ctx, r, name); err != nil {
			return now, err
		}
		now.Written[name] = written.UnixNano()
	}
	for _, name := range m.Restart {
		var err error
		if now.Restart[name], err = digest(ctx, r, name); err != nil {
			return now, err
		}
	}
	return now, nil
}

// recordReload keeps what the running process was started with: a file that
// wants a restart still does after a reload.
func (m Service) recordReload(ctx context.Context, h Host, now record) error {
	unit, err := h.Unit(ctx, m.Name)
	if err != nil {
		return err
	}
	known, err := m.readRecord(ctx, h)
	if err != nil {
		return err
	}
	if now.Restart = known.Restart; known.Invocation != unit.InvocationID {
		now.Restart = nil
	}
	return m.writeRecord(ctx, h, now)
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
