package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// JSON writes each event as a line.
func JSON(w io.Writer) Reporter {
	return &lines{encode: json.NewEncoder(w).Encode, form: func(e runner.Event) any { return e }}
}

// Log appends each event with its time to a file, which only its owner may
// read: it holds all diffs.
func Log(path string) (Reporter, error) {
	f, err := openLog(path)
	if err != nil {
		return nil, fmt.Errorf("log file: %w", err)
	}
	stamped := func(e runner.Event) any {
		return stampedEvent{Time: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), Event: e}
	}
	return &lines{encode: json.NewEncoder(f).Encode, form: stamped, end: f.Close}, nil
}

// openLog opens the log file, and takes it from others when it was there
// already. A link could lead to any file, and is not followed; a device or pipe
// is whose it is.
func openLog(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a link: name the file itself", path)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm() != 0o600 {
		err = f.Chmod(0o600)
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("keep it from others: %w", err)
	}
	return f, nil
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
