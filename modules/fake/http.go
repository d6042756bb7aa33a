package fake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

type reply struct {
	method, url string
	give        func(modules.Request) (*modules.Response, error)
}

// Handle scripts the requests with a method and a URL; a URL that ends in *
// stands for all that begin so, the method * for any. What was scripted last
// counts first.
func (h *Host) Handle(method, url string, give func(modules.Request) (*modules.Response, error)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.replies = append(h.replies, reply{method, url, give})
}

// Serve scripts a fixed answer.
func (h *Host) Serve(method, url string, status int, body string) {
	h.Handle(method, url, func(modules.Request) (*modules.Response, error) {
		return &modules.Response{Status: status, Header: map[string]string{}, Body: []byte(body)}, nil
	})
}

// Get implements modules.Reader. Nobody listens where nothing was scripted.
func (h *Host) Get(_ context.Context, r modules.Request) (*modules.Response, error) {
	r.Method = method(r)
	if err := modules.ReadOnlyRequest(r); err != nil {
		return nil, err
	}
	return h.request(r)
}

// Send implements modules.Host.
func (h *Host) Send(_ context.Context, r modules.Request) (*modules.Response, error) {
	r.Method = method(r)
	h.mu.Lock()
	h.tick()
	h.record("send %s %s", r.Method, r.URL)
	h.recordBody(r.Body)
	h.mu.Unlock()
	return h.request(r)
}

func method(r modules.Request) string {
	if r.Method == "" {
		return "GET"
	}
	return r.Method
}

func (h *Host) request(r modules.Request) (*modules.Response, error) {
	h.mu.Lock()
	var give func(modules.Request) (*modules.Response, error)
	for _, known := range slices.Backward(h.replies) {
		if (known.method == "*" || known.method == r.Method) && matches(known.url, r.URL) {
			give = known.give
			break
		}
	}
	h.mu.Unlock()
	if give == nil {
		return nil, fmt.Errorf("%s %s: connection refused", r.Method, r.URL)
	}
	return give(r)
}

func matches(pattern, url string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(url, prefix)
	}
	return pattern == url
}
