package control

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// What a worker may say in one play, and in a run. An honest play of some
// thousand steps with a diff of 64 KiB each stays far below; a host that was
// broken into fills neither the memory nor the disk with the log file.
const (
	mostFrames  = 50_000
	mostBytes   = 512 << 20
	mostReports = 200  // lines of the report at the end, per run
	mostRemarks = 1000 // notes and warnings, per run
	mostAlike   = 100
)

// said is what a worker has said so far.
type said struct {
	play    *string
	frames  int
	bytes   int
	reports int
	remarks int
}

// admit checks a reply against the protocol and cuts texts that are longer than
// a worker's. An error is a host that does not speak as a worker of pgrun does.
func (s *said) admit(play *string, r *wire.Reply) error {
	if play != s.play {
		s.play, s.frames, s.bytes = play, 0, 0
	}
	size := shorten(r)
	if s.frames, s.bytes = s.frames+1, s.bytes+size; s.frames > mostFrames || s.bytes > mostBytes {
		return foreign("more than %d frames or %d MiB in one play", mostFrames, mostBytes>>20)
	}
	for _, f := range failures(r) {
		if !slices.Contains(kinds(), f.Kind) {
			return foreign("a failure of the kind %.20q", f.Kind)
		}
	}
	if r.Surveyed != nil && len(r.Surveyed.Alike) > mostAlike {
		return foreign("%d things that must be alike", len(r.Surveyed.Alike))
	}
	if r.Event == nil {
		return nil
	}
	return s.event(r.Event)
}

func (s *said) event(e *runner.Event) error {
	switch e.Event {
	case runner.EventStep:
		if !slices.Contains([]runner.State{runner.Changed, runner.Unchanged, runner.Skipped, runner.Failed}, e.State) {
			return foreign("a step in the state %.20q", string(e.State))
		}
		return nil
	case runner.EventReport, runner.EventPlan:
		if s.reports++; s.reports > mostReports {
			return foreign("more than %d lines for the report", mostReports)
		}
	case runner.EventNote, runner.EventWarning:
		if s.remarks++; s.remarks > mostRemarks {
			return foreign("more than %d notes and warnings", mostRemarks)
		}
	case runner.EventStart:
	default:
		return foreign("an event %.20q", e.Event)
	}
	if e.State != "" {
		return foreign("an event %s in the state %.20q", e.Event, string(e.State))
	}
	return nil
}

func foreign(format string, args ...any) error {
	return fmt.Errorf("%w: %s, which no worker of pgrun says: look whether the host was broken into", wire.ErrFrame, fmt.Sprintf(format, args...))
}

func kinds() []string {
	return []string{
		runner.KindFailed, runner.KindUnreachable, runner.KindLocked,
		runner.KindRefused, runner.KindInterrupted, runner.KindInternal,
	}
}

// failures are those that a reply holds.
func failures(r *wire.Reply) []*runner.Failure {
	var list []*runner.Failure
	for _, f := range []*runner.Failure{
		value(r.Ready).Failure, value(r.Done).Failure, value(r.Surveyed).Failure, value(r.Event).Failure,
	} {
		if f != nil {
			list = append(list, f)
		}
	}
	return list
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// shorten cuts the texts of a reply and returns how long they are together.
func shorten(r *wire.Reply) int {
	size := 0
	limit := func(text *string, most int) {
		if most += len(wire.CutMark); len(*text) > most {
			*text = strings.ToValidUTF8((*text)[:most], "")
		}
		size += len(*text)
	}
	if e := r.Event; e != nil {
		for _, name := range []*string{&e.Host, &e.Play, &e.Role, &e.Action, &e.Step} {
			limit(name, wire.MaxStep)
		}
		limit(&e.Why, wire.MaxWhy)
		limit(&e.Diff, wire.MaxDiff)
	}
	if s := r.Surveyed; s != nil {
		limit(&s.Why, wire.MaxWhy)
		for what, value := range s.Alike {
			limit(&value, wire.MaxWhy)
			s.Alike[what] = value
			size += len(what)
		}
	}
	for _, f := range failures(r) {
		limit(&f.Error, wire.MaxError)
		limit(&f.Output, wire.MaxOutput)
		limit(&f.Hint, wire.MaxWhy)
		room := wire.MaxArgv
		for i := range f.Argv {
			limit(&f.Argv[i], max(room, 0))
			room -= len(f.Argv[i]) + 1
		}
	}
	return size
}
