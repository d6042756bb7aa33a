package ssh

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"golang.org/x/crypto/ssh"
)

const maxKeySize = 256 << 10

// identity is a private key file, with the certificate beside it.
type identity struct {
	path      string
	signers   []ssh.Signer  // the certificate first
	encrypted bool          // needs a passphrase
	public    ssh.PublicKey // of an encrypted key, when the file says it
	err       error
}

// identities reads each key file once per run.
type identities struct {
	mu    sync.Mutex
	files map[string]*identity
	warn  func(format string, args ...any)
}

func (i *identities) load(path string) *identity {
	i.mu.Lock()
	defer i.mu.Unlock()
	if known, ok := i.files[path]; ok {
		return known
	}
	loaded := i.read(path)
	if i.files == nil {
		i.files = map[string]*identity{}
	}
	i.files[path] = loaded
	return loaded
}

func (i *identities) read(path string) *identity {
	id := &identity{path: path}
	text, err := readLimited(path, maxKeySize)
	if err != nil {
		id.err = fmt.Errorf("private key: %w", err)
		return id
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		i.warn("private key %s can be read by others (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path)
	}
	signer, err := ssh.ParsePrivateKey(text)
	var missing *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &missing):
		id.encrypted, id.public = true, missing.PublicKey
		if id.public == nil {
			id.public = publicBeside(path)
		}
		return id
	case err != nil:
		id.err = fmt.Errorf("private key %s: %w", path, err)
		return id
	}
	id.signers = []ssh.Signer{signer}
	if certified := i.certified(path, signer); certified != nil {
		id.signers = []ssh.Signer{certified, signer}
	}
	return id
}

// certified is the signer with the certificate beside the key, or nil.
func (i *identities) certified(path string, signer ssh.Signer) ssh.Signer {
	text, err := readLimited(path+"-cert.pub", maxKeySize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		var public ssh.PublicKey
		if public, _, _, _, err = ssh.ParseAuthorizedKey(text); err == nil {
			certificate, ok := public.(*ssh.Certificate)
			if !ok {
				err = errors.New("not a certificate")
			} else if signer, err = ssh.NewCertSigner(certificate, signer); err == nil {
				return signer
			}
		}
	}
	i.warn("certificate %s-cert.pub passed over: %v", path, err)
	return nil
}

func publicBeside(path string) ssh.PublicKey {
	text, err := readLimited(path+".pub", maxKeySize)
	if err != nil {
		return nil
	}
	public, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return nil
	}
	return public
}
