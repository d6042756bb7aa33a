// Package wire has the frames between the controller and a worker: JSON, one
// frame a line, at most MaxFrame bytes each.
package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxFrame is the longest frame in bytes; a longer one ends the connection.
const MaxFrame = 1 << 20

// ErrFrame is a frame that is too long or not of the protocol.
var ErrFrame = errors.New("broken frame")

// held is how much of what may wait is kept at most.
const held = 32 << 10

// Conn sends frames of one kind and receives those of another.
type Conn[Out, In any] struct {
	lines *bufio.Reader
	turn  chan struct{} // to write
	w     io.Writer
	out   bytes.Buffer // frames that wait for the next Send or Flush
}

// New makes a Conn over a stream. Receive is for one goroutine; the others for
// any.
func New[Out, In any](r io.Reader, w io.Writer) *Conn[Out, In] {
	return &Conn[Out, In]{lines: bufio.NewReaderSize(r, 64<<10), turn: make(chan struct{}, 1), w: w}
}

// Send writes a frame, behind those that were held.
func (c *Conn[Out, In]) Send(message Out) error {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	if err := c.add(message); err != nil {
		return err
	}
	return c.flush()
}

// Hold keeps a frame for the next Send or Flush: frames that leave together
// cost both ends one packet and one waking, rather than one each.
func (c *Conn[Out, In]) Hold(message Out) error {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	if err := c.add(message); err != nil || c.out.Len() < held {
		return err
	}
	return c.flush()
}

// Flush writes the frames that were held.
func (c *Conn[Out, In]) Flush() error {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	return c.flush()
}

func (c *Conn[Out, In]) add(message Out) error {
	before := c.out.Len()
	encoder := json.NewEncoder(&c.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(message); err != nil {
		c.out.Truncate(before)
		return fmt.Errorf("encode a frame: %w", err)
	}
	if size := c.out.Len() - before; size > MaxFrame {
		c.out.Truncate(before)
		return fmt.Errorf("%w: %d bytes, more than %d", ErrFrame, size, MaxFrame)
	}
	return nil
}

func (c *Conn[Out, In]) flush() error {
	if c.out.Len() == 0 {
		return nil
	}
	_, err := c.w.Write(c.out.Bytes())
	c.out.Reset()
	if c.out.Cap() > 2*held { // a rare long frame must not stay in memory
		c.out = bytes.Buffer{}
	}
	return err
}

// Receive reads the next frame; io.EOF when the other side has closed.
func (c *Conn[Out, In]) Receive() (In, error) {
	var message In
	line, err := c.line()
	if err != nil {
		return message, err
	}
	if err := json.Unmarshal(line, &message); err != nil {
		return message, fmt.Errorf("%w: %w", ErrFrame, err)
	}
	return message, nil
}

func (c *Conn[Out, In]) line() ([]byte, error) {
	var line []byte
	for {
		part, err := c.lines.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > MaxFrame {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrFrame, MaxFrame)
		}
		switch {
		case err == nil:
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}
