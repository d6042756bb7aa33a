package ssh

import (
	"sync"
	"testing"
)

// watched tells when somebody looks for a binary.
type watched struct {
	binaryOf
	once   sync.Once
	looked chan struct{}
}

func (w *watched) For(goos, goarch string) (string, error) {
	w.once.Do(func() { close(w.looked) })
	return w.binaryOf.For(goos, goarch)
}

// TestTheBinaryIsHashedAhead hangs when only StartWorker hashes.
func TestTheBinaryIsHashedAhead(t *testing.T) {
	s := newServer(t)
	d := s.dialer()
	self := &watched{binaryOf: workerBinary(t, echoWorker), looked: make(chan struct{})}
	d.HashAhead(self)
	<-self.looked
	stream, err := s.open(d).StartWorker(t.Context(), self, []string{"worker"})
	if err != nil {
		t.Fatal(err)
	}
	stream.Close()
}
