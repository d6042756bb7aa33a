package fake

import (
	"context"
	"sync"
)

// Announced is what the machine answers on an address and path while it
// announces itself there; "" when it does not.
func (h *Host) Announced(addr, path string) string {
	h.mu.Lock()
	body := h.announced[addr+path]
	h.mu.Unlock()
	if body == nil {
		return ""
	}
	return string(body())
}

// Announce implements modules.Host. Nothing listens: Announced has the answer.
func (h *Host) Announce(ctx context.Context, addr, path string, body func() []byte) (func(), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.announced[addr+path] = body
	h.record("announce http://%s%s", addr, path)
	var once sync.Once
	stop := func() {
		once.Do(func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			delete(h.announced, addr+path)
			h.record("announce no more http://%s%s", addr, path)
		})
	}
	context.AfterFunc(ctx, stop)
	return stop, nil
}
