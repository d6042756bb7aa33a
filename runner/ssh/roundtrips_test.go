package ssh

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// delay is a proxy that holds what it gets for a while and passes on all that
// has come by then, as a long line does. A flight is what it passes on at once
// from the client: with nothing sent ahead, as many as round trips.
type delay struct {
	listener net.Listener
	hold     time.Duration
	flights  atomic.Int32
}

func newDelay(t *testing.T, to string, hold time.Duration) *delay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &delay{listener: listener, hold: hold}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				client.Close()
				continue
			}
			go p.pass(server, client, &p.flights)
			go p.pass(client, server, new(atomic.Int32))
		}
	}()
	return p
}

func (p *delay) pass(to io.WriteCloser, from io.Reader, flights *atomic.Int32) {
	defer to.Close()
	var mu sync.Mutex
	var held []byte
	send := func() {
		mu.Lock()
		defer mu.Unlock()
		flights.Add(1)
		_, _ = to.Write(held)
		held = nil
	}
	part := make([]byte, 64<<10)
	for {
		n, err := from.Read(part)
		if err != nil {
			return
		}
		mu.Lock()
		if held == nil {
			time.AfterFunc(p.hold, send)
		}
		held = append(held, part[:n]...)
		mu.Unlock()
	}
}

// TestRoundTrips holds the budget: 10 round trips to a running worker when its
// binary is in place, of which TCP's own is one. A busy machine can tear a
// flight in two, so the best of some tries counts.
func TestRoundTrips(t *testing.T) {
	s := newServer(t)
	d, binary := s.dialer(), workerBinary(t, echoWorker)
	talk(t, start(t, s.open(d), binary))
	best := int32(100)
	for try := 0; try < 5 && best > 10; try++ {
		best = min(best, roundTrips(t, s, d.roots, binary))
	}
	if best > 10 {
		t.Errorf("%d round trips to the worker's first line, want at most 10", best)
	}
}

func roundTrips(t *testing.T, s *server, roots []string, binary Binary) int32 {
	t.Helper()
	proxy := newDelay(t, s.address(), 25*time.Millisecond)
	d := s.dialer(func(o *Options, _ *machine, _ *limits) {
		o.KnownHostsFiles = []string{(&server{t: t, listener: proxy.listener}).known(s.hostKey.PublicKey())}
	})
	d.roots = roots
	address := proxy.listener.Addr().(*net.TCPAddr)
	client, err := d.Open(context.Background(), Connection{
		Address: address.IP.String(), Port: address.Port, User: "admin", PrivateKeyFile: s.login}, "db1")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	login := proxy.flights.Load() + 1 // TCP
	defer start(t, client, binary).Close()
	total := proxy.flights.Load() + 1
	t.Logf("%d round trips to log in, %d to the worker's first line", login, total)
	return total
}
