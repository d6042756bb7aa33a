//go:build linux

package local

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/dbus"
)

// await waits for the end of a job and returns its result in systemd's words.
func (h *Host) await(ctx context.Context, conn *dbus.Conn, unit, verb string, done <-chan string) (string, error) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case result := <-done:
			return result, nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-tick.C:
			// Where systemd was executed anew (its package was upgraded), the job
			// goes on and nobody tells of its end.
			if !conn.Connected() {
				if result := h.ended(ctx, unit, verb); result != "" {
					return result, nil
				}
			}
		}
	}
}

// ended tells by the unit how its job ended; "" is not yet, or not known yet.
func (h *Host) ended(ctx context.Context, unit, verb string) string {
	conn, err := h.bus.open()
	if err != nil {
		return ""
	}
	job, err := conn.GetUnitPropertyContext(ctx, unit, "Job")
	if err != nil {
		return ""
	}
	if pair, ok := job.Value.Value().([]any); !ok || len(pair) != 2 || pair[0] != uint32(0) {
		return "" // it has a job still
	}
	now, err := h.Unit(ctx, unit)
	if err != nil {
		return ""
	}
	up := now.ActiveState == "active" || now.ActiveState == "reloading"
	if up == (verb != "stop") {
		return "done"
	}
	return "failed"
}
