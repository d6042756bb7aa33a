package main

import (
	"fmt"
	"io"
	"strings"
)

// slow is from how many seconds on a passed test is worth a line.
const slow = 5

// sum counts results and holds each test's output until it is known whether anybody wants it.
type sum struct {
	out                     io.Writer
	passed, failed, skipped int
	broken                  bool // a package that did not build, or ended outside a test
	output                  map[string][]string
}

func newSum(out io.Writer) *sum { return &sum{out: out, output: map[string][]string{}} }

func (s *sum) add(e event) {
	id := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		s.keep(id, e)
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "build-fail":
		s.broken = true
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.pack(e, id)
		} else {
			s.test(e, id)
		}
		delete(s.output, id)
	}
}

func (s *sum) keep(id string, e event) {
	s.output[id] = append(s.output[id], e.Output)
	if strings.Contains(e.Output, "measured: ") {
		_, figure, _ := strings.Cut(e.Output, "measured: ")
		fmt.Fprintf(s.out, "        %s: %s", e.Test, figure)
	}
}

func (s *sum) pack(e event, id string) {
	for _, line := range s.output[id] {
		if e.Action == "fail" || strings.HasPrefix(line, "ok ") {
			fmt.Fprint(s.out, line)
		}
	}
	s.broken = s.broken || e.Action == "fail"
}

func (s *sum) test(e event, id string) {
	switch e.Action {
	case "pass":
		s.passed++
		if e.Elapsed >= slow {
			fmt.Fprintf(s.out, "pass    %s (%.1fs)\n", e.Test, e.Elapsed)
		}
		return
	case "fail":
		s.failed++
	case "skip":
		s.skipped++
	}
	fmt.Fprintf(s.out, "%s    %s %s (%.1fs)\n%s", e.Action, e.Package, e.Test, e.Elapsed, strings.Join(s.output[id], ""))
}

// end prints the closing line and says whether all is well.
func (s *sum) end(skipFails bool) bool {
	fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
	return !s.broken && s.failed == 0 && s.passed > 0 && (s.skipped == 0 || !skipFails)
}
