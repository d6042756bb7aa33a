package ssh

import (
	"time"

	"golang.org/x/crypto/ssh"
)

// keepAlive asks the other side whether it lives until the connection ends, and
// closes a connection that has been silent for too long. Any answer counts.
func keepAlive(client *ssh.Client, l limits) {
	ended := make(chan struct{})
	go func() {
		_ = client.Wait() // its error is the one that readers and writers get
		close(ended)
	}()
	timer := time.NewTimer(l.keepalive)
	defer timer.Stop()
	for {
		select {
		case <-ended:
			return
		case <-timer.C:
		}
		answered := make(chan error, 1)
		go func() {
			_, _, err := client.SendRequest("keepalive@openssh.com", true, nil)
			answered <- err
		}()
		timer.Reset(l.silence)
		select {
		case <-ended:
			return
		case err := <-answered:
			if err != nil {
				client.Close()
				return
			}
		case <-timer.C:
			client.Close()
			return
		}
		timer.Reset(l.keepalive)
	}
}
