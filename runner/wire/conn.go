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

// Conn sends frames of one kind and receives those of another.
type Conn[Out, In any] struct {
	lines *bufio.Reader
	turn  chan struct{} // to write
	w     io.Writer
}

// New makes a Conn over a stream. Receive is for one goroutine; Send for any.
func New[Out, In any](r io.Reader, w io.Writer) *Conn[Out, In] {
	return &Conn[Out, In]{lines: bufio.NewReaderSize(r, 64<<10), turn: make(chan struct{}, 1), w: w}
}

// Send writes a frame.
func (c *Conn[Out, In]) Send(message Out) error {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(message); err != nil {
		return fmt.Errorf("encode a frame: %w", err)
	}
	if buffer.Len() > MaxFrame {
		return fmt.Errorf("%w: %d bytes, more than %d", ErrFrame, buffer.Len(), MaxFrame)
	}
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	_, err := c.w.Write(buffer.Bytes())
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
