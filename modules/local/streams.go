//go:build linux

package local

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/pgrun/pgrun/modules"
)

// mostKept is how much of a stream is returned: one half from its head, one
// from its tail.
const mostKept = 1 << 20

// streams are a command's standard files, in memory.
type streams struct{ in, out, err *os.File }

func openStreams(stdin []byte) (*streams, error) {
	s := &streams{}
	var err error
	if s.in, err = input(stdin); err != nil {
		return nil, err
	}
	if s.out, err = memory("stdout"); err != nil {
		s.close()
		return nil, err
	}
	if s.err, err = memory("stderr"); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func input(stdin []byte) (*os.File, error) {
	if len(stdin) == 0 {
		return os.Open(os.DevNull)
	}
	file, err := memory("stdin")
	if err != nil {
		return nil, err
	}
	if _, err = file.WriteAt(stdin, 0); err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

func memory(name string) (*os.File, error) {
	// A hardened kernel (vm.memfd_noexec=2) refuses files that could be run; one
	// before 6.3 does not know the flag.
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) {
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	}
	if err != nil {
		return nil, fmt.Errorf("a file in memory: %w", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

func (s *streams) close() {
	for _, file := range []*os.File{s.in, s.out, s.err} {
		if file != nil {
			_ = file.Close()
		}
	}
}

// size of what was printed so far.
func (s *streams) size() int64 {
	var sum int64
	for _, file := range []*os.File{s.out, s.err} {
		if info, err := file.Stat(); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

func (s *streams) result() (*modules.Result, error) {
	stdout, err := kept(s.out)
	if err != nil {
		return nil, err
	}
	stderr, err := kept(s.err)
	if err != nil {
		return nil, err
	}
	return &modules.Result{Stdout: stdout, Stderr: stderr}, nil
}

// kept reads a stream, leaving out the middle of a long one.
func kept(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if size <= mostKept {
		return section(file, 0, size)
	}
	const half = mostKept / 2
	head, err := section(file, 0, half)
	if err != nil {
		return nil, err
	}
	tail, err := section(file, size-half, half)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("\n[%d bytes left out]\n", size-mostKept)
	return append(append(head, note...), tail...), nil
}

// section reads at a place, since the command moves the file's own position.
func section(file *os.File, at, length int64) ([]byte, error) {
	data := make([]byte, length)
	n, err := file.ReadAt(data, at)
	if int64(n) == length || n > 0 && err != nil {
		return data[:n], nil
	}
	if length == 0 {
		return nil, nil
	}
	return nil, err
}
