// Command testsum reads go test -json and prints what a person wants to see of it: a line for every package, slow tests as they
// end, what was measured, the whole output of whatever failed, and the sum. It exits 1 when something failed; with CI=true a skipped
// test is a failure too.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// event is a line of go test -json.
type event struct {
	Action  string
	Package string
	Test    string
	Elapsed float64
	Output  string
}

func main() {
	s := newSum(os.Stdout)
	if err := s.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
	if !s.end(os.Getenv("CI") == "true") {
		os.Exit(1)
	}
}

func (s *sum) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			s.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *sum) line(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		fmt.Fprint(s.out, string(line)) // a compiler's message, say
		return
	}
	s.add(e)
}
