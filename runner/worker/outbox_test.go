package worker

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// writes keeps what each single write brought.
type writes struct{ list []string }

func (w *writes) Write(p []byte) (int, error) {
	w.list = append(w.list, string(p))
	return len(p), nil
}

func quiet(step string) wire.Reply {
	return wire.Reply{Event: &runner.Event{Event: runner.EventStep, Step: step, State: runner.Unchanged}}
}

func newBox(w io.Writer) *outbox {
	return newOutbox(wire.New[wire.Reply, wire.Request](strings.NewReader(""), w))
}

func TestQuietStepsLeaveTogetherAndInOrder(t *testing.T) {
	const steps = 50
	w := &writes{}
	b := newBox(w)
	for n := range steps {
		b.send(quiet(strconv.Itoa(n)))
	}
	b.send(wire.Reply{Done: &wire.Done{}})
	b.close()
	if len(w.list) > steps/5 {
		t.Errorf("%d writes for %d quiet steps", len(w.list), steps)
	}
	conn := wire.New[wire.Request, wire.Reply](strings.NewReader(strings.Join(w.list, "")), io.Discard)
	for n := range steps {
		if reply, err := conn.Receive(); err != nil || reply.Event == nil || reply.Event.Step != strconv.Itoa(n) {
			t.Fatalf("in place %d: %+v, %v", n, reply, err)
		}
	}
	if reply, err := conn.Receive(); err != nil || reply.Done == nil {
		t.Fatalf("at the end: %+v, %v", reply, err)
	}
}

// TestAQuietStepIsToldWhileTheNextRuns hangs when what waits leaves only with
// the next reply.
func TestAQuietStepIsToldWhileTheNextRuns(t *testing.T) {
	out, in := io.Pipe()
	b := newBox(in)
	defer b.abandon()
	defer out.Close()
	conn := wire.New[wire.Request, wire.Reply](out, io.Discard)
	for _, step := range []string{"first", "second"} {
		b.send(quiet(step))
		if reply, err := conn.Receive(); err != nil || reply.Event.Step != step {
			t.Fatalf("%+v, %v", reply, err)
		}
	}
}

func TestTheLastQuietStepLeaves(t *testing.T) {
	var out bytes.Buffer
	b := newBox(&out)
	b.send(quiet("last"))
	b.close()
	if !strings.Contains(out.String(), `"last"`) {
		t.Fatalf("left: %q", out.String())
	}
}
