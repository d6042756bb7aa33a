package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
)

func TestJSONIsTheEvents(t *testing.T) {
	var out bytes.Buffer
	r := JSON(&out)
	r.Event(step("db1", "etcd", "x\x1b[1m", runner.Changed))
	ok, check := true, false
	r.Event(runner.Event{Event: runner.EventRecap, OK: &ok, Check: &check, Hosts: map[string]runner.Counts{"db1": {Changed: 3}}})
	want := `{"event":"step","host":"db1","play":"etcd","role":"etcd","step":"x","state":"changed"}
{"event":"recap","ok":true,"check":false,"hosts":{"db1":{"changed":3,"unchanged":0,"skipped":0,"failed":0,"unreachable":false}}}
`
	if out.String() != want {
		t.Errorf("got:\n%s", out.String())
	}
}

func TestTheRecapIsTheLastLine(t *testing.T) {
	var out bytes.Buffer
	r := Multi(JSON(&out))
	for _, kind := range []string{runner.EventNote, runner.EventRecap, runner.EventNote, runner.EventWarning} {
		r.Event(runner.Event{Event: kind, Why: "x"})
	}
	if lines := strings.Count(out.String(), "\n"); lines != 2 || !strings.Contains(out.String(), `{"event":"recap"`) {
		t.Errorf("got %s", out.String())
	}
}

func TestLogFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.log")
	for range 2 { // appends
		r, err := Log(path)
		if err != nil {
			t.Fatal(err)
		}
		r.Event(step("db1", "etcd", "x", runner.Changed))
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	text, _ := os.ReadFile(path)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var event struct{ Time, Event, Host string }
	if len(lines) != 2 || json.Unmarshal([]byte(lines[1]), &event) != nil || event.Time == "" || event.Host != "db1" {
		t.Errorf("got %s", text)
	}
}

func TestLogFileThatCannotBe(t *testing.T) {
	if _, err := Log(t.TempDir()); err == nil {
		t.Error("a folder was taken for a log file")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrorsAreTold(t *testing.T) {
	for name, r := range map[string]Reporter{
		"json": JSON(full{}), "plain": Plain(full{}, Options{}),
		"terminal": Terminal(full{}, func() (int, int) { return 80, 24 }, Options{}),
	} {
		m := Multi(r)
		m.Event(step("db1", "etcd", "x", runner.Changed))
		if err := m.Close(); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
