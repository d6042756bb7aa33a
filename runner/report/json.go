package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// JSON writes each event as a line.
func JSON(w io.Writer) Reporter {
	return &lines{encode: json.NewEncoder(w).Encode, form: func(e runner.Event) any { return e }}
}

// Log appends each event with its time to a file, which is created for its
// owner only.
func Log(path string) (Reporter, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log file: %w", err)
	}
	stamped := func(e runner.Event) any {
		return stampedEvent{Time: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), Event: e}
	}
	return &lines{encode: json.NewEncoder(f).Encode, form: stamped, end: f.Close}, nil
}

type stampedEvent struct {
	Time string `json:"time"`
	runner.Event
}

// lines keeps the first error: a full disk shall not stop a run, but the
// operator has to learn that the record has a hole.
type lines struct {
	mu     sync.Mutex
	encode func(any) error
	form   func(runner.Event) any
	end    func() error
	err    error
}

func (l *lines) Event(e runner.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.encode(l.form(Clean(e))); err != nil && l.err == nil {
		l.err = fmt.Errorf("write events: %w", err)
	}
}

func (l *lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.end != nil {
		if err := l.end(); err != nil && l.err == nil {
			l.err = fmt.Errorf("close the log file: %w", err)
		}
	}
	return l.err
}
