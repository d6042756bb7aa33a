package ssh

import (
	"context"
	"sync"
)

// slots bound how many do something at once, by name.
type slots struct {
	size int // 0: no bound
	mu   sync.Mutex
	byID map[string]chan struct{}
}

// take waits for a slot and returns how to give it back.
func (s *slots) take(ctx context.Context, name string) (func(), error) {
	if s.size <= 0 {
		return func() {}, nil
	}
	s.mu.Lock()
	if s.byID == nil {
		s.byID = map[string]chan struct{}{}
	}
	slot, ok := s.byID[name]
	if !ok {
		slot = make(chan struct{}, s.size)
		s.byID[name] = slot
	}
	s.mu.Unlock()
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
