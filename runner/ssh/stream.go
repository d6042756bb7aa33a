package ssh

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"
)

const (
	maxNoise = 64 << 10 // before the first line of the worker
	maxTail  = 8 << 10  // of the standard error
)

// Stream is a running command: its standard input and output. What it writes to
// standard error is read all the time, and the end of it kept.
type Stream struct {
	session *ssh.Session
	in      io.WriteCloser
	out     *bufio.Reader
	errors  *tail
}

func newStream(session *ssh.Session) (*Stream, error) {
	in, err := session.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := session.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s := &Stream{session: session, in: in, out: bufio.NewReaderSize(out, 32<<10), errors: &tail{limit: maxTail}}
	session.Stderr = s.errors
	return s, nil
}

// Read reads the command's output, from behind the token on.
func (s *Stream) Read(p []byte) (int, error) { return s.out.Read(p) }

// Write writes to the command's input.
func (s *Stream) Write(p []byte) (int, error) { return s.in.Write(p) }

// CloseWrite ends the command's input: a worker finishes its step, frees the
// lock and exits.
func (s *Stream) CloseWrite() error { return s.in.Close() }

// Close gives the channel up, whether or not the command has ended.
func (s *Stream) Close() error {
	if err := s.session.Close(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// Stderr is the end of what the command wrote to its standard error, at most 8
// KiB, without control characters.
func (s *Stream) Stderr() string { return printable(s.errors.String()) }

// Wait waits for the command to end; Read everything first. Its error has the
// exit code as [golang.org/x/crypto/ssh.ExitError].
func (s *Stream) Wait() error { return s.session.Wait() }

// end waits for the command and returns its exit code, -1 when there is none.
func (s *Stream) end() int {
	_, _ = io.Copy(io.Discard, s.out)
	var exit *ssh.ExitError
	switch err := s.Wait(); {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitStatus()
	}
	return -1
}

// answer reads lines until one ends with the token, or begins with it and has
// more: then that is the answer. Everything before is the noise of a login.
func (s *Stream) answer(token string) (string, *noise) {
	heard := &noise{}
	for heard.read < maxNoise {
		line, err := s.out.ReadSlice('\n')
		heard.add(line)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			heard.err = err
			return "", heard
		}
		if rest, ok := strings.CutPrefix(string(line), token+" "); ok {
			return printable(rest), nil
		}
		if err == nil && bytes.HasSuffix(bytes.TrimRight(heard.last, "\r\n"), []byte(token)) {
			return "", nil
		}
	}
	return "", heard
}

// noise is what came instead of an answer.
type noise struct {
	read int
	last []byte
	err  error // nil: too much of it
}

const maxShown = 2 << 10

func (n *noise) add(line []byte) {
	n.read += len(line)
	n.last = append(n.last, line...)
	if len(n.last) > maxShown {
		n.last = append([]byte(nil), n.last[len(n.last)-maxShown:]...)
	}
}

func (n *noise) String() string {
	if len(n.last) == 0 {
		return "it wrote nothing"
	}
	return fmt.Sprintf("it wrote %d bytes, at the end: %s", n.read, printable(string(n.last)))
}
