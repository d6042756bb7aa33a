//go:build linux

package local

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
)

func echo(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/redirect":
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	case "/large":
		_, _ = w.Write(bytes.Repeat([]byte("x"), 3<<20))
	case "/slow":
		<-r.Context().Done()
	default:
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		w.Header().Set("X-Answer", "yes")
		w.WriteHeader(http.StatusTeapot)
		_, _ = fmt.Fprintf(w, "%s %s %s %s:%s", r.Method, r.Header.Get("X-Question"), body, user, password)
	}
}

func TestSend(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	ctx := context.Background()
	h, _ := rooted(t)
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	answer, err := h.Send(ctx, modules.Request{
		Method: "PATCH", URL: server.URL + "/config", Header: map[string]string{"X-Question": "q"}, Body: []byte("{}"), User: "u", Password: "p",
	})
	if err != nil || answer.Status != http.StatusTeapot || string(answer.Body) != "PATCH q {} u:p" || answer.Header["X-Answer"] != "yes" {
		t.Errorf("%+v, %v", answer, err)
	}
	if answer, err = h.Get(ctx, modules.Request{URL: server.URL + "/redirect"}); err != nil || answer.Status != http.StatusFound {
		t.Errorf("%+v, %v", answer, err)
	}
	if answer, err = h.Get(ctx, modules.Request{URL: server.URL + "/large"}); err != nil || len(answer.Body) != mostBody {
		t.Error(err)
	}
	_, err = h.Get(ctx, modules.Request{URL: server.URL + "/slow", Deadline: 50 * time.Millisecond})
	if err == nil || err.Error() != "GET "+server.URL+"/slow: no answer within 50ms" {
		t.Error(err)
	}
	if _, err = h.Get(ctx, modules.Request{Method: "DELETE", URL: server.URL}); err == nil {
		t.Error("a DELETE only looks")
	}
	server.Close()
	if _, err = h.Get(ctx, modules.Request{URL: server.URL}); err == nil || strings.Count(err.Error(), server.URL) != 1 {
		t.Error(err)
	}
}

func TestSendOverASocketAndTLS(t *testing.T) {
	ctx := context.Background()
	h, root := rooted(t)
	socket := filepath.Join(root, "s")
	listener, err := net.Listen("unix", socket)
	must(t, err)
	unix := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(echo), ReadHeaderTimeout: time.Second}}
	unix.Start()
	defer unix.Close()
	if answer, err := h.Get(ctx, modules.Request{URL: "http://x/", Socket: socket}); err != nil || answer.Status != http.StatusTeapot {
		t.Errorf("%+v, %v", answer, err)
	}

	secure := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	secure.Config.ErrorLog = nil
	secure.StartTLS()
	defer secure.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	must(t, os.WriteFile(filepath.Join(root, "etc/ca.pem"), ca, 0o600))
	if answer, err := h.Get(ctx, modules.Request{URL: secure.URL, CA: "/etc/ca.pem"}); err != nil || answer.Status != http.StatusTeapot {
		t.Errorf("%+v, %v", answer, err)
	}
	if _, err := h.Get(ctx, modules.Request{URL: secure.URL}); err == nil {
		t.Error("an unknown certificate is trusted")
	}
}

func TestAnnounce(t *testing.T) {
	h, _ := rooted(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	addr := listener.Addr().String()
	must(t, listener.Close())
	for range 2 { // the port is free again
		stop, err := h.Announce(context.Background(), addr, "/pgrun", func() []byte { return []byte(`{"data":false}`) })
		must(t, err)
		if answer, err := h.Get(context.Background(), modules.Request{URL: "http://" + addr + "/pgrun"}); err != nil || string(answer.Body) != `{"data":false}` {
			t.Errorf("%+v, %v", answer, err)
		}
		if answer, err := h.Get(context.Background(), modules.Request{URL: "http://" + addr + "/"}); err != nil || answer.Status != http.StatusNotFound {
			t.Errorf("%+v, %v", answer, err)
		}
		stop()
		stop()
	}
}
