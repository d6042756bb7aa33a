package ssh

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// Binary is the controller's own program, for each platform.
type Binary interface {
	// For returns the path of the binary for a platform, or an error that says
	// where one was looked for.
	For(goos, goarch string) (path string, err error)
}

// platforms are those that a release is built for.
func platforms() [][2]string { return [][2]string{{"linux", "amd64"}, {"linux", "arm64"}} }

// platformOf translates what uname -sm says.
func platformOf(system, machine string) (goos, goarch string, err error) {
	arch, ok := map[string]string{"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}[machine]
	if system != "Linux" || !ok {
		return "", "", fmt.Errorf("the host is %s %s: pgrun runs on Linux x86_64 and aarch64", system, machine)
	}
	return "linux", arch, nil
}

// binaries hashes and compresses each binary once per run.
type binaries struct {
	ahead sync.Once
	mu    sync.Mutex
	files map[string]*binaryFile
}

// binaryFile is a binary by its path.
type binaryFile struct {
	path   string
	hash   func() (string, error)
	packed func() ([]byte, error) // gzip
}

func (b *binaries) file(path string) *binaryFile {
	b.mu.Lock()
	defer b.mu.Unlock()
	if found, ok := b.files[path]; ok {
		return found
	}
	if b.files == nil {
		b.files = map[string]*binaryFile{}
	}
	f := &binaryFile{path: path}
	f.hash = sync.OnceValues(func() (string, error) { return hashFile(path) })
	f.packed = sync.OnceValues(func() ([]byte, error) { return packFile(path) })
	b.files[path] = f
	return f
}

// HashAhead begins to hash the binary, once. No worker starts before that is
// done: so it is done while the first host is dialled, not after.
func (d *Dialer) HashAhead(self Binary) {
	d.binaries.ahead.Do(func() {
		go func() { _, _ = d.binaries.hashes(self) }() // StartWorker tells the error
	})
}

// hashes are those of all platforms for which there is a binary; the host runs
// the one that it has.
func (b *binaries) hashes(self Binary) (string, error) {
	var list []string
	var missing []error
	for _, p := range platforms() {
		path, err := self.For(p[0], p[1])
		if err != nil {
			missing = append(missing, err)
			continue
		}
		hash, err := b.file(path).hash()
		if err != nil {
			return "", err
		}
		list = append(list, hash)
	}
	if len(list) == 0 {
		return "", fmt.Errorf("there is no binary for any host: %w", errors.Join(missing...))
	}
	return strings.Join(list, " "), nil
}

func hashFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("hash the binary: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("hash the binary: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func packFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("compress the binary: %w", err)
	}
	defer file.Close()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := io.Copy(writer, file); err != nil {
		return nil, fmt.Errorf("compress the binary: %w", err)
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("compress the binary: %w", err)
	}
	return packed.Bytes(), nil
}
