package modules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Sysctl is a set of kernel parameters, in /etc/sysctl.d/<Name>.conf and live.
type Sysctl struct {
	Name   string
	Values map[string]string
	// Optional keys that this kernel does not have, or that cannot be written
	// in a container, are left out of the live part with no error.
	Optional bool
}

func (m Sysctl) String() string { return "sysctl " + m.Name }

// Check compares the file and the values under /proc/sys.
func (m Sysctl) Check(ctx context.Context, r Reader) (*Change, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	change, err := m.file().Check(ctx, r)
	if err != nil {
		return nil, err
	}
	drift, err := m.drift(ctx, r)
	if err != nil {
		return nil, err
	}
	if m.Optional {
		maps.DeleteFunc(drift, m.refused(ctx, r))
	}
	if change == nil && len(drift) == 0 {
		return nil, nil
	}
	if change == nil {
		change = &Change{}
	}
	var reasons []string
	if change.Summary != "" {
		reasons = append(reasons, change.Summary)
	}
	if len(drift) > 0 {
		reasons = append(reasons, "not live: "+keys(drift))
	}
	return &Change{
		Summary: strings.Join(reasons, "; "), Before: change.Before, After: change.After,
		Apply: func(ctx context.Context, h Host) error { return m.apply(ctx, h, change.Apply) },
	}, nil
}

func (m Sysctl) apply(ctx context.Context, h Host, write func(context.Context, Host) error) error {
	if write != nil {
		if err := write(ctx, h); err != nil {
			return err
		}
	}
	// systemd brings this program along; procps' sysctl may be absent. It passes
	// over keys that the kernel does not have or that belong to a container's
	// host, and fails when the kernel calls a value wrong.
	_, runErr := h.Exec(ctx, Command{Argv: []string{"/usr/lib/systemd/systemd-sysctl", m.file().Path}})
	drift, err := m.drift(ctx, h)
	if err != nil {
		return err
	}
	if len(drift) > 0 && (runErr != nil || !m.Optional) {
		return Hint(errors.Join(fmt.Errorf("the kernel did not take %s", keys(drift)), runErr),
			"is the value right? in a container these belong to the host: set them there")
	}
	return m.remember(ctx, h, drift)
}

func (m Sysctl) file() File {
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(m.Values)) {
		fmt.Fprintf(&text, "%s = %s\n", key, m.Values[key])
	}
	return File{
		Path: "/etc/sysctl.d/" + m.Name + ".conf", Content: text.String(),
		Attributes: Attributes{Owner: "root", Group: "root", Mode: 0o644},
	}
}

// drift has the keys whose live value differs, and that value; "" where there
// is none, or none that can be read.
func (m Sysctl) drift(ctx context.Context, r Reader) (map[string]string, error) {
	drift := map[string]string{}
	for key, wanted := range m.Values {
		text, err := r.ReadFile(ctx, livePath(key), 0)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		if live := words(string(text)); err != nil || live != words(wanted) {
			drift[key] = live
		}
	}
	return drift, nil
}

// words writes a value as the kernel compares it: it has tabs between numbers.
func words(value string) string { return strings.Join(strings.Fields(value), " ") }

func keys(drift map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(drift)), ", ")
}

// livePath follows sysctl.d(5): the first separator decides which of . and /
// separates.
func livePath(key string) string {
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '.' {
		key = strings.NewReplacer(".", "/", "/", ".").Replace(key)
	}
	return path.Join("/proc/sys", key)
}

// record is where the keys are kept that this machine refused, so that they
// are not tried again in every run. It goes with the next boot.
func (m Sysctl) record() string { return "/run/pgrun/sysctl/" + m.Name + ".json" }

// refusal is what was wanted, and what the kernel has kept instead.
type refusal struct{ Wanted, Live string }

func (m Sysctl) refused(ctx context.Context, r Reader) func(key, live string) bool {
	known := map[string]refusal{}
	if text, err := r.ReadFile(ctx, m.record(), 0); err == nil {
		_ = json.Unmarshal(text, &known) // a broken record is none
	}
	return func(key, live string) bool {
		old, ok := known[key]
		return ok && old == refusal{m.Values[key], live}
	}
}

func (m Sysctl) remember(ctx context.Context, h Host, drift map[string]string) error {
	if len(drift) == 0 {
		return h.Remove(ctx, m.record())
	}
	known := map[string]refusal{}
	for key, live := range drift {
		known[key] = refusal{m.Values[key], live}
	}
	text, err := json.Marshal(known)
	if err != nil {
		return err
	}
	if err := ensureDir(ctx, h, path.Dir(m.record())); err != nil {
		return err
	}
	return h.WriteFile(ctx, Content{Path: m.record(), Data: append(text, '\n'), Attributes: Root(0o644)})
}

func (m Sysctl) validate() error {
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`).MatchString(m.Name) {
		return fmt.Errorf("%q is no name of a file below /etc/sysctl.d", m.Name)
	}
	for key, value := range m.Values {
		if !regexp.MustCompile(`^[a-z][a-zA-Z0-9_./-]*$`).MatchString(key) || strings.Contains(key, "..") {
			return fmt.Errorf("%q is no kernel parameter", key)
		}
		if strings.ContainsAny(value, "\n\r") {
			return fmt.Errorf("the value of %s has more than one line", key)
		}
	}
	return nil
}
