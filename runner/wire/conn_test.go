package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestFramesArriveWhole(t *testing.T) {
	var stream bytes.Buffer
	out := New[Request, Reply](strings.NewReader(""), &stream)
	long := strings.Repeat("x", 200_000)
	for _, text := range []string{"a", long, "line\nbreak <&>"} {
		if err := out.Send(Request{Setup: &Setup{Host: text}}); err != nil {
			t.Fatal(err)
		}
	}
	in := New[Reply, Request](&stream, io.Discard)
	for _, want := range []string{"a", long, "line\nbreak <&>"} {
		got, err := in.Receive()
		if err != nil || got.Setup.Host != want {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if _, err := in.Receive(); !errors.Is(err, io.EOF) {
		t.Fatalf("at the end: %v", err)
	}
}

func TestBrokenFrames(t *testing.T) {
	cases := map[string]struct {
		text string
		want error
	}{
		"no JSON":      {"hello\n", ErrFrame},
		"cut":          {`{"ping":tr`, io.ErrUnexpectedEOF},
		"endless line": {strings.Repeat("x", MaxFrame+100), ErrFrame},
		"wrong type":   {`{"ping":"yes"}` + "\n", ErrFrame},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := New[Reply, Request](strings.NewReader(c.text), io.Discard).Receive()
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestTooLongIsNotSent(t *testing.T) {
	var stream bytes.Buffer
	err := New[Request, Reply](strings.NewReader(""), &stream).
		Send(Request{Setup: &Setup{Host: strings.Repeat("x", MaxFrame)}})
	if !errors.Is(err, ErrFrame) || stream.Len() != 0 {
		t.Fatalf("%v, %d bytes sent", err, stream.Len())
	}
}

func TestHeldFramesLeaveWithTheNextSend(t *testing.T) {
	var stream bytes.Buffer
	out := New[Request, Reply](strings.NewReader(""), &stream)
	hold := func(host string) {
		t.Helper()
		if err := out.Hold(Request{Setup: &Setup{Host: host}}); err != nil {
			t.Fatal(err)
		}
	}
	hold("a")
	hold("b")
	if stream.Len() != 0 {
		t.Fatalf("left at once: %q", stream.String())
	}
	if err := out.Hold(Request{Setup: &Setup{Host: strings.Repeat("x", MaxFrame)}}); !errors.Is(err, ErrFrame) {
		t.Fatalf("too long: %v", err)
	}
	if err := out.Send(Request{Setup: &Setup{Host: "c"}}); err != nil {
		t.Fatal(err)
	}
	in := New[Reply, Request](&stream, io.Discard)
	for _, want := range []string{"a", "b", "c"} {
		if got, err := in.Receive(); err != nil || got.Setup.Host != want {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	hold(strings.Repeat("y", held))
	if stream.Len() < held {
		t.Fatalf("%d bytes wait for a Send", held-stream.Len())
	}
}
