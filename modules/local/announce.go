//go:build linux

package local

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Announce implements modules.Host.
func (h *Host) Announce(ctx context.Context, addr, path string, body func() []byte) (func(), error) {
	if err := begin(ctx); err != nil {
		return nil, err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("announcing on %s: %w", addr, err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != path {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body())
		}),
		ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, MaxHeaderBytes: mostHeader,
	}
	server.SetKeepAlivesEnabled(false)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // ends with Close
	}()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			// Whoever is being answered may hear it to the end.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			if server.Shutdown(last) != nil {
				_ = server.Close()
			}
		})
		<-served
	}
	unhook := context.AfterFunc(ctx, stop)
	return func() { unhook(); stop() }, nil
}
