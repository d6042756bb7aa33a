package ssh

import (
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

const agentPatience = 5 * time.Second

// agents asks each agent for its keys once per run. An agent signs and is never
// forwarded.
type agents struct {
	mu   sync.Mutex
	keys map[string][]ssh.Signer
	open []net.Conn
	warn func(format string, args ...any)
}

// signers are the agent's keys; none when it does not answer.
func (a *agents) signers(socket string) []ssh.Signer {
	if socket == "" {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if known, ok := a.keys[socket]; ok {
		return known
	}
	if a.keys == nil {
		a.keys = map[string][]ssh.Signer{}
	}
	signers, err := a.ask(socket)
	if err != nil {
		a.warn("ssh agent passed over: %v", err)
	}
	a.keys[socket] = signers
	return signers
}

func (a *agents) ask(socket string) ([]ssh.Signer, error) {
	conn, err := net.DialTimeout("unix", socket, agentPatience)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(agentPatience)); err != nil {
		conn.Close()
		return nil, err
	}
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		conn.Close()
		return nil, err
	}
	a.open = append(a.open, conn)
	return signers, conn.SetDeadline(time.Time{}) // a signature may wait for a touch or a confirmation
}

func (a *agents) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, conn := range a.open {
		conn.Close()
	}
	a.open, a.keys = nil, nil
}
