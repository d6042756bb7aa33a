package ssh

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	skeema "github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// hostKeys checks host keys against known_hosts files, which are read once and
// again when another process has added to them.
type hostKeys struct {
	files []string // the first takes new keys
	warn  func(format string, args ...any)

	patience time.Duration // for the lock of files[0]

	accepting sync.Mutex // one key at a time is added; before mu
	stuck     error      // the lock could not be had: no other host waits for it

	mu       sync.Mutex
	db       *skeema.HostKeyDB
	err      error
	origin   func(file string) string // of a file in db's errors
	accepted map[string]ssh.PublicKey // of this run, by host:port
	stamp    stamp                    // of files[0]
}

// load reads the files on first use. The caller holds the lock.
func (h *hostKeys) load() (*skeema.HostKeyDB, error) {
	if h.db != nil || h.err != nil {
		return h.db, h.err
	}
	h.stamp = stampOf(h.files[0])
	h.db, h.origin, h.err = readKnownHosts(h.files, h.warn)
	return h.db, h.err
}

// algorithms are the host key algorithms to ask for: those of known keys first,
// so that the server shows the key that is known. Certificates are asked for
// only where an authority is known.
func (h *hostKeys) algorithms(name string) ([]string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	db, err := h.load()
	if err != nil {
		return nil, err
	}
	supported := ssh.SupportedAlgorithms().HostKeys
	var list []string
	add := func(algorithm string) {
		if slices.Contains(supported, algorithm) && !slices.Contains(list, algorithm) {
			list = append(list, algorithm)
		}
	}
	for _, a := range db.HostKeyAlgorithms(name) {
		add(a)
	}
	for _, a := range []string{ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256} { // OpenSSH's order
		add(a)
	}
	return list, nil
}

// check is asked by the handshake. nil means that the key is the host's.
func (h *hostKeys) check(t *target, remote net.Addr, key ssh.PublicKey) error {
	err := h.compare(t, remote, key)
	if skeema.IsHostUnknown(err) && t.acceptNew {
		return h.accept(t, remote, key)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.explain(t, key, err)
}

// compare holds a key against the files as they were read last. Its error is
// the database's.
func (h *hostKeys) compare(t *target, remote net.Addr, key ssh.PublicKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	db, err := h.load()
	if err != nil {
		return err
	}
	if known, ok := h.accepted[t.keyName]; ok && bytes.Equal(known.Marshal(), key.Marshal()) {
		return nil
	}
	return db.HostKeyCallback()(t.keyName, placeholder(remote), key)
}

// placeholder gives the database the address that it wants to parse: that of a
// connection through a jump host is none.
func placeholder(remote net.Addr) net.Addr {
	if tcp, ok := remote.(*net.TCPAddr); ok {
		return tcp
	}
	return &net.TCPAddr{IP: net.IPv4zero, Port: 22}
}

// explain makes the operator's error of the database's.
func (h *hostKeys) explain(t *target, key ssh.PublicKey, err error) error {
	var keyError *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	var typed *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typed):
		return typed
	case errors.As(err, &revoked):
		return fail(ChangedHostKey, "the key must not be used any more: find out why it is still there",
			"%s shows a host key that was revoked: %s (%s:%d)", t.keyName, fingerprint(key), h.origin(revoked.Revoked.Filename), revoked.Revoked.Line)
	case errors.As(err, &keyError) && len(keyError.Want) > 0:
		var known []string
		for _, want := range keyError.Want {
			known = append(known, fmt.Sprintf("%s (%s:%d)", fingerprint(want.Key), h.origin(want.Filename), want.Line))
		}
		return fail(ChangedHostKey,
			fmt.Sprintf("somebody may be listening in. If the host was made anew: compare the fingerprint with the host's own "+
				"(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub, there), then ssh-keygen -R '%s' -f %s",
				skeema.Normalize(t.keyName), h.origin(keyError.Want[0].Filename)),
			"the host key of %s has changed: it shows %s, known is %s", t.keyName, fingerprint(key), strings.Join(known, ", "))
	case errors.As(err, &keyError):
		host, port, _ := net.SplitHostPort(t.keyName)
		return fail(UnknownHostKey,
			fmt.Sprintf("compare the fingerprint with the host's own, then run again with --accept-new-host-keys, or add the key: "+
				"ssh-keyscan -p %s %s >> %s", port, host, h.files[0]),
			"the host key of %s is not known: it shows %s", t.keyName, fingerprint(key))
	}
	return fail(UnknownHostKey, "", "the host key of %s cannot be checked: %w", t.keyName, err)
}

func fingerprint(key ssh.PublicKey) string {
	if c, ok := key.(*ssh.Certificate); ok {
		return "certificate of " + ssh.FingerprintSHA256(c.Key) + " by " + ssh.FingerprintSHA256(c.SignatureKey)
	}
	return key.Type() + " " + ssh.FingerprintSHA256(key)
}
