package ssh

import (
	"fmt"
	"sync"
)

// log tells each thing once per run.
type log struct {
	write func(format string, args ...any)
	mu    sync.Mutex
	said  map[string]bool
}

func (l *log) once(format string, args ...any) {
	if l.write == nil {
		return
	}
	text := printable(fmt.Sprintf(format, args...))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said[text] {
		return
	}
	if l.said == nil {
		l.said = map[string]bool{}
	}
	l.said[text] = true
	l.write("%s", text)
}
