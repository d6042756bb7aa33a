package ssh

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/crypto/ssh"
)

// offer is what one login tries, in order, and what could not be tried.
type offer struct {
	signers []ssh.Signer
	names   []string // of the signers
	left    []string // keys that were left out, with the reason
	seen    map[string]bool
	accepts []string // methods that the server takes, once it said so
}

func (o *offer) add(name string, signers ...ssh.Signer) {
	for _, s := range signers {
		id := string(s.PublicKey().Marshal())
		if o.seen[id] {
			continue
		}
		o.seen[id] = true
		if s = withoutSHA1(s); s == nil {
			o.left = append(o.left, name+" signs with SHA-1 only")
			continue
		}
		o.signers = append(o.signers, s)
		o.names = append(o.names, fmt.Sprintf("%s (%s)", name, ssh.FingerprintSHA256(s.PublicKey())))
	}
}

// offer collects the keys for a login. The named ones come first and the
// agent's other keys last but for the defaults: a server gives up after six
// tries, and counts them against the address.
func (d *Dialer) offer(t *target) (*offer, error) {
	o := &offer{seen: map[string]bool{}}
	held := d.agents.signers(t.keys.agent)
	for _, path := range t.keys.named {
		if err := d.offerFile(o, path, held, true); err != nil {
			return nil, err
		}
	}
	configured := func() error {
		for _, path := range t.keys.configured {
			if err := d.offerFile(o, path, held, false); err != nil {
				return err
			}
		}
		return nil
	}
	if t.keys.only {
		if len(t.keys.named) > 0 {
			return o, nil
		}
		return o, configured()
	}
	o.add("the agent's", held...)
	return o, configured()
}

// offerFile adds a key file, or the agent's signer for it when it is encrypted.
func (d *Dialer) offerFile(o *offer, path string, held []ssh.Signer, named bool) error {
	id := d.identities.load(path)
	switch {
	case errors.Is(id.err, fs.ErrNotExist) && !named:
		return nil
	case id.err != nil && named:
		return &Error{Reason: BadPrivateKey, Err: id.err,
			Hint: "name a private key that you can read in ansible_ssh_private_key_file or --private-key"}
	case id.err != nil:
		o.left = append(o.left, id.err.Error())
	case !id.encrypted:
		o.add(path, id.signers...)
	default:
		if id.public != nil {
			for _, s := range held {
				if sameKey(s.PublicKey(), id.public) {
					o.add(path, s)
					return nil
				}
			}
		}
		o.left = append(o.left, path+" needs a passphrase and the agent does not hold it (ssh-add "+path+")")
	}
	return nil
}

// sameKey compares keys, and a certificate by the key that it certifies.
func sameKey(a, b ssh.PublicKey) bool {
	if c, ok := a.(*ssh.Certificate); ok {
		a = c.Key
	}
	return string(a.Marshal()) == string(b.Marshal())
}

// methods are the authentication methods of a login: keys, then the password,
// once each.
func (o *offer) methods(t *target) []ssh.AuthMethod {
	var list []ssh.AuthMethod
	if len(o.signers) > 0 {
		list = append(list, ssh.PublicKeys(o.signers...))
	}
	if t.password.IsSet() {
		list = append(list, ssh.Password(t.password.Reveal()), ssh.KeyboardInteractive(o.answer(t)))
	}
	return list
}

// answer gives the password to one hidden question, and nothing to others.
func (o *offer) answer(t *target) ssh.KeyboardInteractiveChallenge {
	asked := false
	return func(_, _ string, questions []string, echos []bool) ([]string, error) {
		if len(questions) == 0 {
			return nil, nil
		}
		if asked || len(questions) != 1 || echos[0] {
			return nil, errors.New("the server asks for more than a password")
		}
		asked = true
		return []string{t.password.Reveal()}, nil
	}
}

// refused explains a failed login.
func (o *offer) refused(t *target, cause error) *Error {
	tried := append([]string(nil), o.names...)
	if t.password.IsSet() {
		tried = append(tried, "the password")
	}
	text := "no key was there to offer"
	if len(tried) > 0 {
		text = "tried " + strings.Join(tried, ", ")
	}
	if len(o.left) > 0 {
		text += "; left out: " + strings.Join(o.left, "; ")
	}
	if len(o.accepts) > 0 {
		text += "; the server takes " + printable(strings.Join(o.accepts, ", "))
	}
	hint := fmt.Sprintf("check that %s may log in there with one of these keys; "+
		"ansible_user, ansible_ssh_private_key_file, -u and --private-key change what is tried", t.user)
	if len(o.left) > 0 && len(o.signers) == 0 {
		hint = "load the key into the agent with ssh-add, and make sure that SSH_AUTH_SOCK is set"
	}
	if len(o.signers) > 5 {
		hint = "a server gives up after six keys: name the right one with --private-key or IdentityFile, and set IdentitiesOnly yes"
	}
	return fail(NoAccess, hint, "%s: %w: %s", t, loginError(cause), text)
}

// loginError cuts the library's prefixes.
func loginError(cause error) error {
	text := printable(cause.Error())
	if strings.Contains(text, "unable to authenticate") {
		return errors.New("the login was refused")
	}
	return fmt.Errorf("the login was refused: %s", strings.TrimPrefix(text, "ssh: handshake failed: "))
}
