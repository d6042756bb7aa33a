//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/dbus"

	"github.com/pgrun/pgrun/modules"
)

// Job implements modules.Host. A job that fails comes with the last lines of
// the unit's journal.
func (h *Host) Job(ctx context.Context, unit, verb string) error {
	if err := begin(ctx); err != nil {
		return err
	}
	unit = modules.UnitName(unit)
	conn, err := h.bus.open()
	if err != nil {
		return err
	}
	switch verb {
	case "daemon-reload":
		unit = ""
		err = conn.ReloadContext(ctx)
	case "enable", "disable", "mask", "unmask":
		err = setFile(ctx, conn, unit, verb)
	default:
		return h.runJob(ctx, conn, unit, verb)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", strings.TrimSpace("systemctl "+verb+" "+unit), err)
	}
	return nil
}

// setFile changes how a unit is started, and lets systemd know.
func setFile(ctx context.Context, conn *dbus.Conn, unit, verb string) error {
	var err error
	units := []string{unit}
	switch verb {
	case "enable":
		_, _, err = conn.EnableUnitFilesContext(ctx, units, false, false)
	case "disable":
		_, err = conn.DisableUnitFilesContext(ctx, units, false)
	case "mask":
		_, err = conn.MaskUnitFilesContext(ctx, units, false, false)
	case "unmask":
		_, err = conn.UnmaskUnitFilesContext(ctx, units, false)
	}
	if err != nil {
		return err
	}
	return conn.ReloadContext(ctx)
}

func (h *Host) runJob(ctx context.Context, conn *dbus.Conn, unit, verb string) error {
	name, unblocked := strings.CutSuffix(verb, "-no-block")
	begin := map[string]func(context.Context, string, string, chan<- string) (int, error){
		"start": conn.StartUnitContext, "stop": conn.StopUnitContext,
		"restart": conn.RestartUnitContext, "reload": conn.ReloadUnitContext,
	}[name]
	if begin == nil {
		return fmt.Errorf("systemd has no job %q", verb)
	}
	if name == "start" || name == "restart" {
		// A unit that failed too often in a short time is given another chance;
		// one that did not fail says so, which is no matter.
		_ = conn.ResetFailedUnitContext(ctx, unit)
	}
	var done chan string
	if !unblocked {
		done = make(chan string, 1)
	}
	started := time.Now()
	if _, err := begin(ctx, unit, "replace", done); err != nil {
		return h.jobError(ctx, unit, name, err.Error(), started)
	}
	if unblocked {
		return nil
	}
	result, err := h.await(ctx, conn, unit, name, done)
	switch {
	case result == "done":
		return nil
	case err == nil:
		return h.jobError(ctx, unit, name, result, started)
	case !errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("systemctl %s %s: %w", name, unit, err)
	}
	return h.jobError(ctx, unit, name, fmt.Sprintf("not done after %s", time.Since(started).Round(time.Second)), started)
}

// jobError is what systemctl would say, with what the unit itself said meanwhile.
func (h *Host) jobError(ctx context.Context, unit, verb, result string, since time.Time) error {
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	said := "the job's result is: " + result
	journal, err := h.Exec(asking, modules.Command{Argv: []string{
		"journalctl", "--no-pager", "--quiet", "--output=short-iso", "--lines=20", "--unit=" + unit,
		fmt.Sprintf("--since=@%d", since.Unix()), // its whole seconds: nothing is missed
	}})
	if err == nil && len(journal.Stdout) > 0 {
		said += "\n" + string(journal.Stdout)
	}
	failed := &modules.ExitError{Argv: []string{"systemctl", verb, unit}, Code: 1, Stderr: modules.LastLines(said, 21)}
	return modules.Hint(failed, "look on the host: systemctl status %s; journalctl -u %s", unit, unit)
}
