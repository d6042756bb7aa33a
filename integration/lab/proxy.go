package lab

import (
	"context"
	"net"
	"time"
)

// Delay lets connections to an address take a detour by which everything arrives later, each way. It returns where to connect instead, and ends
// with ctx. The kernel could do it (tc netem), but not every machine's has that.
func Delay(ctx context.Context, target string, oneWay time.Duration) (*net.TCPAddr, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return // closed: ctx ended
			}
			go detour(ctx, near, target, oneWay)
		}
	}()
	return listener.Addr().(*net.TCPAddr), nil
}

func detour(ctx context.Context, near net.Conn, target string, oneWay time.Duration) {
	defer near.Close()
	time.Sleep(2 * oneWay) // the distance itself: the handshake of TCP takes a round trip too
	far, err := new(net.Dialer).DialContext(ctx, "tcp", target)
	if err != nil {
		return
	}
	defer far.Close()
	stop := context.AfterFunc(ctx, func() { near.Close(); far.Close() })
	defer stop()
	back := make(chan struct{})
	go func() { defer close(back); later(near, far, oneWay) }()
	later(far, near, oneWay)
	<-back
}

type parcel struct {
	due  time.Time
	data []byte
}

// later copies; what is in flight does not hold up what follows.
func later(to, from net.Conn, delay time.Duration) {
	road := make(chan parcel, 4096)
	go func() {
		defer close(road)
		for {
			buffer := make([]byte, 32<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				road <- parcel{time.Now().Add(delay), buffer[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range road {
		time.Sleep(time.Until(p.due)) // the distance itself
		if _, err := to.Write(p.data); err != nil {
			_ = from.Close() // its reader ends with it
			for range road {
			}
			return
		}
	}
	if c, ok := to.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite() // closed already, then
	}
}
