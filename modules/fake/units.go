package fake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// SetUnit arranges a unit without recording it.
func (h *Host) SetUnit(u modules.Unit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	u.Name = modules.UnitName(u.Name)
	if u.LoadState == "" {
		u.LoadState = "loaded"
	}
	if u.ActiveState == "" {
		u.ActiveState = "inactive"
	}
	if u.ActiveState == "active" && u.InvocationID == "" {
		h.begin(&u)
	}
	h.units[u.Name] = &u
}

// NothingDone as the answer of OnJob is a job that systemd calls done without
// doing it: a condition of the unit is not met.
type NothingDone struct{}

func (NothingDone) Error() string { return "nothing was done" }

// OnJob is asked before a job on a unit is done: an error fails it.
func (h *Host) OnJob(unit string, ask func(verb string) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs[modules.UnitName(unit)] = ask
}

// Unit implements modules.Reader.
func (h *Host) Unit(_ context.Context, name string) (*modules.Unit, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	u := *h.unit(modules.UnitName(name))
	return &u, nil
}

// unit returns a unit that was arranged, or one whose file is there.
func (h *Host) unit(name string) *modules.Unit {
	if u := h.units[name]; u != nil {
		return u
	}
	for _, folder := range []string{"/etc/systemd/system/", "/usr/lib/systemd/system/"} {
		if h.files[folder+name] != nil {
			h.units[name] = &modules.Unit{
				Name: name, LoadState: "loaded", ActiveState: "inactive", SubState: "dead", UnitFileState: "disabled",
			}
			return h.units[name]
		}
	}
	return &modules.Unit{Name: name, LoadState: "not-found", ActiveState: "inactive", SubState: "dead"}
}

// noticeUnitFile lets a unit that systemd has read want a reload when one of
// its files changes.
func (h *Host) noticeUnitFile(place string) {
	rest, ok := strings.CutPrefix(place, "/etc/systemd/system/")
	if !ok {
		return
	}
	name, _, _ := strings.Cut(rest, "/")
	if u := h.units[strings.TrimSuffix(name, ".d")]; u != nil {
		u.NeedsReload = true
	}
}

// Job implements modules.Host.
func (h *Host) Job(_ context.Context, name, verb string) error {
	name = modules.UnitName(name)
	h.mu.Lock()
	if verb == "daemon-reload" {
		name = ""
	}
	h.record("%s", strings.TrimSpace("job "+verb+" "+name))
	ask := h.jobs[name]
	h.mu.Unlock()
	if ask != nil {
		err := ask(verb)
		if errors.Is(err, NothingDone{}) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s of %s failed: %w", verb, name, err)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tick()
	if verb == "daemon-reload" {
		for _, u := range h.units {
			u.NeedsReload = false
		}
		return nil
	}
	return h.job(h.unit(name), verb)
}

func (h *Host) job(u *modules.Unit, verb string) error {
	verb = strings.TrimSuffix(verb, "-no-block")
	if err := refusal(u, verb); err != nil {
		return fmt.Errorf("%s of %s failed: %w", verb, u.Name, err)
	}
	if verb == "restart" || verb == "start" && !underWay(u) {
		h.begin(u)
	}
	switch verb {
	case "start":
		u.ActiveState, u.SubState = "active", "running"
	case "stop":
		u.ActiveState, u.SubState, u.MainPID = "inactive", "dead", 0
	case "enable", "disable":
		u.UnitFileState = verb + "d"
	case "mask":
		h.unmasked[u.Name] = u.UnitFileState
		u.LoadState, u.UnitFileState = "masked", "masked"
	case "unmask":
		u.LoadState, u.UnitFileState = "loaded", cmp.Or(h.unmasked[u.Name], "disabled")
	}
	return nil
}

// underWay says whether a start has nothing to begin, only to end.
func underWay(u *modules.Unit) bool {
	return u.ActiveState == "active" || u.ActiveState == "activating" && !strings.HasPrefix(u.SubState, "auto-restart")
}

func refusal(u *modules.Unit, verb string) error {
	known := []string{"start", "restart", "stop", "reload", "enable", "disable", "mask", "unmask"}
	switch {
	case !slices.Contains(known, verb):
		return errors.New("there is no such job")
	case u.LoadState == "not-found":
		return errors.New("unit not found")
	case u.LoadState == "masked" && (verb == "start" || verb == "restart"):
		return errors.New("unit is masked")
	case u.ActiveState != "active" && verb == "reload":
		return errors.New("unit is not active")
	}
	return nil
}

func (h *Host) begin(u *modules.Unit) {
	h.starts++
	u.ActiveState, u.SubState = "active", "running"
	u.InvocationID = fmt.Sprintf("%032x", h.starts)
	u.MainPID = 1000 + h.starts
	u.Started = h.tick()
}

func unitFile(name string) string {
	return path.Join("/usr/lib/systemd/system", modules.UnitName(name))
}
