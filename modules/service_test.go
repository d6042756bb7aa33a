package modules_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

func etcd() modules.Service {
	return modules.Service{Name: "etcd", Reload: []string{"/etc/etcd/cert.pem"}, Restart: []string{"/etc/etcd/etcd.conf"}}
}

func etcdHost() *fake.Host {
	h := fake.New()
	h.Put("/etc/etcd/cert.pem", "cert 1")
	h.Put("/etc/etcd/etcd.conf", "conf 1")
	h.SetUnit(modules.Unit{Name: "etcd", UnitFileState: "enabled"})
	return h
}

func staleness(t *testing.T, h *fake.Host, reload, restart []string) {
	t.Helper()
	gotReload, gotRestart, err := etcd().Stale(context.Background(), h)
	if err != nil || !slices.Equal(gotReload, reload) || !slices.Equal(gotRestart, restart) {
		t.Errorf("reload %v, restart %v, error %v; want %v and %v", gotReload, gotRestart, err, reload, restart)
	}
}

func TestStaleFollowsDigests(t *testing.T) {
	cert, conf := []string{"/etc/etcd/cert.pem"}, []string{"/etc/etcd/etcd.conf"}
	h := etcdHost()
	staleness(t, h, nil, nil) // it does not run
	if err := apply(t, h, etcd()); err != nil {
		t.Fatal(err)
	}
	staleness(t, h, nil, nil)

	h.Put("/etc/etcd/etcd.conf", "conf 1") // touched, and the same
	staleness(t, h, nil, nil)
	h.Put("/etc/etcd/etcd.conf", "conf 2")
	h.Put("/etc/etcd/cert.pem", "cert 2")
	staleness(t, h, cert, conf)

	if err := apply(t, h, etcd()); err != nil { // reloads, and does not restart
		t.Fatal(err)
	}
	if strings.Contains(h.Log(), "restart ") || !strings.Contains(h.Log(), "job reload etcd.service") {
		t.Errorf("log:\n%s", h.Log())
	}
	staleness(t, h, nil, conf)

	if err := apply(t, h, modules.Restart{Service: etcd(), Why: "etcd.conf changed"}); err != nil {
		t.Fatal(err)
	}
	staleness(t, h, nil, nil)
}

// Somebody edits the file and reloads by hand; the repair brings back the very
// content that pgrun had loaded, and what runs is still the edited one.
func TestARepairedFileIsLoadedWhateverTheRecordSays(t *testing.T) {
	h := etcdHost()
	if err := apply(t, h, etcd()); err != nil {
		t.Fatal(err)
	}
	h.Put("/etc/etcd/cert.pem", "edited by hand")
	if err := h.Job(context.Background(), "etcd", "reload"); err != nil {
		t.Fatal(err)
	}
	if err := apply(t, h, modules.File{Path: "/etc/etcd/cert.pem", Content: "cert 1"}); err != nil {
		t.Fatal(err)
	}
	// A run that is killed here leaves no trace of its repair but the file.
	staleness(t, h, []string{"/etc/etcd/cert.pem"}, nil)
	h.ClearLog()
	if err := apply(t, h, etcd()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(h.Log(), "job reload etcd.service") {
		t.Errorf("not reloaded:\n%s", h.Log())
	}
	staleness(t, h, nil, nil)
	if c := check(t, h, etcd()); c != nil {
		t.Errorf("a second run would still change something: %s", c.Summary)
	}
}

func TestStaleWithoutARecordGoesByTime(t *testing.T) {
	h := etcdHost()
	h.SetUnit(modules.Unit{Name: "etcd", UnitFileState: "enabled", ActiveState: "active"})
	staleness(t, h, nil, nil)
	h.Put("/etc/etcd/etcd.conf", "conf 2")
	staleness(t, h, nil, []string{"/etc/etcd/etcd.conf"})

	// A reload records the certificate, and must not take the file that wants
	// a restart for one that the process was started with.
	h.Put("/etc/etcd/cert.pem", "cert 2")
	if err := apply(t, h, etcd()); err != nil {
		t.Fatal(err)
	}
	staleness(t, h, nil, []string{"/etc/etcd/etcd.conf"})

	// Somebody restarts it by hand: the record is of another invocation.
	if err := h.Job(context.Background(), "etcd", "restart"); err != nil {
		t.Fatal(err)
	}
	staleness(t, h, nil, nil)
}

func TestServiceSaysWhatFailed(t *testing.T) {
	h := etcdHost()
	h.OnJob("etcd", func(string) error { return errors.New("the port is taken") })
	if err := apply(t, h, etcd()); err == nil || !strings.Contains(err.Error(), "the port is taken") {
		t.Error(err)
	}
	if len(h.Tree("/run/pgrun/units")) != 0 {
		t.Error("a start that failed is recorded")
	}
}

// A start that joins one of an earlier run says nothing about the files that
// the process has read.
func TestStartThatWasUnderWayRecordsNothing(t *testing.T) {
	h := etcdHost()
	h.SetUnit(modules.Unit{
		Name: "etcd", UnitFileState: "enabled", ActiveState: "activating", SubState: "start", InvocationID: "1", Started: h.Now(),
	})
	h.Put("/etc/etcd/etcd.conf", "conf 2")
	if err := apply(t, h, etcd()); err != nil {
		t.Fatal(err)
	}
	staleness(t, h, nil, []string{"/etc/etcd/etcd.conf"})
}

// Between check and apply systemd has begun its own attempt.
func TestStartWithoutWaitingThatBeganByItself(t *testing.T) {
	for _, state := range []string{"auto-restart", "auto-restart-queued"} {
		m := etcd()
		m.NoBlock, m.Deadline = true, 50*time.Millisecond
		h := etcdHost()
		unit := modules.Unit{Name: "etcd", UnitFileState: "enabled", ActiveState: "activating", SubState: state, InvocationID: "1"}
		h.SetUnit(unit)
		change := check(t, h, m)
		if change == nil {
			t.Fatalf("%s is taken for running", state)
		}
		unit.SubState, unit.InvocationID, unit.Started = "start", "2", h.Now()
		h.SetUnit(unit)
		h.Put("/etc/etcd/etcd.conf", "conf 2")
		if err := change.Apply(context.Background(), h); err != nil {
			t.Error(err)
		}
		staleness(t, h, nil, []string{"/etc/etcd/etcd.conf"})
	}
}

func TestServiceThatSystemdDidNotStart(t *testing.T) {
	h := etcdHost()
	h.OnJob("etcd", func(string) error { return fake.NothingDone{} })
	if err := apply(t, h, etcd()); err == nil || !strings.Contains(err.Error(), "etcd.service is inactive after its start") {
		t.Error(err)
	}
}

func TestServiceThatIsAbsentNeitherRunsNorStarts(t *testing.T) {
	if c := check(t, fake.New(), modules.Service{Name: "x", Stopped: true, Disabled: true}); c != nil {
		t.Error(c.Summary)
	}
	c := check(t, fake.New(), modules.Service{Name: "x"})
	if c == nil || !strings.Contains(c.Summary, "not known to systemd") {
		t.Errorf("%+v", c)
	}
}

func TestNamesStayData(t *testing.T) {
	ctx := context.Background()
	for _, text := range hostile() {
		for _, m := range []modules.Module{
			modules.Group{Name: text}, modules.User{Name: text}, modules.User{Name: "a", Group: text},
			modules.User{Name: "a", Shell: text}, modules.Sysctl{Name: text}, modules.Sysctl{Name: "x", Values: map[string]string{text: "1"}},
		} {
			if _, err := m.Check(ctx, fake.New()); err == nil {
				t.Errorf("%T takes %q", m, text)
			}
		}
	}
	for _, text := range []string{"$(id)", "-x", "two\nlines", "../x", "a b"} {
		if _, err := (modules.Service{Name: text}).Check(ctx, fake.New()); err == nil {
			t.Errorf("Service takes %q", text)
		}
	}
}
