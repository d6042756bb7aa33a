//go:build linux

package local

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/dbus"

	"github.com/pgrun/pgrun/modules"
)

// answer is how long systemd may take for a connection or an answer: as long as
// D-Bus gives it by default.
const answer = 25 * time.Second

// bus is the connection to systemd: opened when it is first needed, used for
// the whole run, opened again when systemd was re-executed meanwhile.
type bus struct {
	mu   sync.Mutex
	conn *dbus.Conn
	end  context.CancelFunc
}

func (b *bus) open() (*dbus.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conn != nil && b.conn.Connected() {
		return b.conn, nil
	}
	b.drop()
	// The connection lives as long as its context, so it is not a step's.
	ctx, end := context.WithCancel(context.Background())
	dial := dbus.NewSystemConnectionContext
	if os.Geteuid() == 0 { // needs no dbus daemon
		dial = dbus.NewSystemdConnectionContext
	}
	conn, err := within(ctx, answer, dial)
	if err != nil {
		end()
		return nil, modules.Hint(fmt.Errorf("systemd cannot be reached: %w", err),
			"the machine must have been booted with systemd, and pgrun must run as root")
	}
	b.conn, b.end = conn, end
	return conn, nil
}

// within bounds a dial, which takes no deadline of its own. One that is late is
// left behind, and closed when its context ends.
func within(ctx context.Context, limit time.Duration, dial func(context.Context) (*dbus.Conn, error)) (*dbus.Conn, error) {
	type result struct {
		conn *dbus.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() {
		conn, err := dial(ctx)
		done <- result{conn, err}
	}()
	select {
	case r := <-done:
		return r.conn, r.err
	case <-time.After(limit):
		return nil, fmt.Errorf("it took no connection within %s", limit)
	}
}

func (b *bus) drop() {
	if b.conn != nil {
		b.conn.Close()
		b.end()
		b.conn = nil
	}
}

func (b *bus) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop()
}

// Unit implements modules.Reader.
func (h *Host) Unit(ctx context.Context, name string) (*modules.Unit, error) {
	if err := begin(ctx); err != nil {
		return nil, err
	}
	name = modules.UnitName(name)
	bounded, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	unit, err := h.readUnit(bounded, name)
	if err != nil && bounded.Err() == nil && h.bus.lost() {
		unit, err = h.readUnit(bounded, name)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil && bounded.Err() != nil:
		return nil, fmt.Errorf("asking systemd about %s: no answer within %s", name, answer)
	case err != nil:
		return nil, fmt.Errorf("asking systemd about %s: %w", name, err)
	}
	return unit, nil
}

// lost says whether the connection broke, so that a question can be repeated.
func (b *bus) lost() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.conn != nil && !b.conn.Connected()
}

func (h *Host) readUnit(ctx context.Context, name string) (*modules.Unit, error) {
	conn, err := h.bus.open()
	if err != nil {
		return nil, err
	}
	properties, err := conn.GetUnitPropertiesContext(ctx, name)
	if err != nil {
		return nil, err
	}
	unit := &modules.Unit{
		Name:          name,
		LoadState:     text(properties["LoadState"]),
		ActiveState:   text(properties["ActiveState"]),
		SubState:      text(properties["SubState"]),
		UnitFileState: text(properties["UnitFileState"]),
		FragmentPath:  text(properties["FragmentPath"]),
		SourcePath:    text(properties["SourcePath"]),
	}
	if id, ok := properties["InvocationID"].([]byte); ok && len(id) > 0 {
		unit.InvocationID = hex.EncodeToString(id)
	}
	// Not when it became active: a process that has read its files and then
	// waits for its cluster would count what is written meanwhile as read.
	if micros, ok := properties["InactiveExitTimestamp"].(uint64); ok && micros > 0 {
		unit.Started = time.UnixMicro(int64(micros)) // a time of this millennium
	}
	unit.NeedsReload, _ = properties["NeedDaemonReload"].(bool)
	if known, ok := properties["DropInPaths"].([]string); ok && unit.LoadState == "loaded" {
		unit.NeedsReload = unit.NeedsReload || h.newDropIn(name, known)
	}
	if strings.HasSuffix(name, ".service") && unit.LoadState == "loaded" {
		unit.MainPID, err = mainPID(ctx, conn, name)
	}
	return unit, err
}

func mainPID(ctx context.Context, conn *dbus.Conn, name string) (int, error) {
	property, err := conn.GetServicePropertyContext(ctx, name, "MainPID")
	if err != nil {
		return 0, err
	}
	pid, _ := property.Value.Value().(uint32)
	return int(pid), nil
}

// newDropIn says whether systemd has not read a drop-in yet. systemd itself
// overlooks a folder of drop-ins that was made after its last reload. Links
// are left to it: one to /dev/null is never among those that it has read.
func (h *Host) newDropIn(name string, known []string) bool {
	folders := []string{"/etc/systemd/system/" + name + ".d"}
	if template, instance, ok := strings.Cut(name, "@"); ok {
		if dot := strings.LastIndexByte(instance, '.'); dot >= 0 {
			folders = append(folders, "/etc/systemd/system/"+template+"@"+instance[dot:]+".d")
		}
	}
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil { // there is none
			continue
		}
		for _, e := range entries {
			if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".conf") && !slices.Contains(known, folder+"/"+e.Name()) {
				return true
			}
		}
	}
	return false
}

func text(value any) string {
	s, _ := value.(string)
	return s
}
