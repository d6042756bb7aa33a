package ssh

import (
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// algorithms are those that the library finds sound, but for the one MAC among
// them that rests on SHA-1. Unasked, it offers others too.
func algorithms() ssh.Config {
	sound := ssh.SupportedAlgorithms()
	macs := slices.DeleteFunc(sound.MACs, func(name string) bool { return name == ssh.HMACSHA1 })
	return ssh.Config{KeyExchanges: sound.KeyExchanges, Ciphers: sound.Ciphers, MACs: macs}
}

// withoutSHA1 makes an RSA key sign with SHA-2 alone; nil where it cannot. The
// library would sign with SHA-1 for a server that asks for it, or that does not
// say what it takes.
func withoutSHA1(signer ssh.Signer) ssh.Signer {
	kind := signer.PublicKey().Type()
	if kind != ssh.KeyAlgoRSA && kind != ssh.CertAlgoRSAv01 {
		return signer
	}
	able, ok := signer.(ssh.AlgorithmSigner)
	if !ok {
		return nil
	}
	limited, err := ssh.NewSignerWithAlgorithms(able, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
	if err != nil {
		return nil
	}
	return limited
}

// oldServer explains that a server and pgrun have no algorithm in common.
func (l *login) oldServer(e *ssh.AlgorithmNegotiationError) *Error {
	offered := slices.DeleteFunc(slices.Clone(e.RequestedAlgorithms), func(name string) bool {
		return strings.HasPrefix(name, "kex-strict-") || strings.HasPrefix(name, "ext-info-") // not algorithms
	})
	return fail(NoConnection, "update the SSH server, or allow one of these in its sshd_config (KexAlgorithms, Ciphers, MACs, HostKeyAlgorithms)",
		"%s has no %s that pgrun takes: it offers %s; pgrun takes %s", l.target.address(), kindOf(e.What),
		printable(strings.Join(offered, ", ")), strings.Join(e.SupportedAlgorithms, ", "))
}

// kindOf translates the library's name of what did not agree.
func kindOf(what string) string {
	switch {
	case strings.Contains(what, "key exchange"):
		return "key exchange"
	case strings.Contains(what, "host key"):
		return "host key algorithm"
	case strings.Contains(what, "cipher"):
		return "cipher"
	case strings.Contains(what, "MAC"):
		return "MAC"
	}
	return "algorithm"
}
