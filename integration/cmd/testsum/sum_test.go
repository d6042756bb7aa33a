package main

import (
	"strings"
	"testing"
)

func TestSum(t *testing.T) {
	const passed = `{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.1}` + "\n"
	cases := map[string]struct {
		in, want string
		skip, ok bool
	}{
		"all pass":          {in: passed + `{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}` + "\n" + `{"Action":"pass","Package":"p"}`, want: "ok  \tp\t0.1s\n1 passed, 0 failed, 0 skipped\n", ok: true},
		"a failure":         {in: passed + `{"Action":"output","Package":"p","Test":"TestB","Output":"why\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestB"}`, want: "fail    p TestB (0.0s)\nwhy\n1 passed, 1 failed, 0 skipped\n"},
		"skipped at home":   {in: passed + `{"Action":"skip","Package":"p","Test":"TestB"}`, want: "skip    p TestB (0.0s)\n1 passed, 0 failed, 1 skipped\n", ok: true},
		"skipped in CI":     {in: passed + `{"Action":"skip","Package":"p","Test":"TestB"}`, want: "skip    p TestB (0.0s)\n1 passed, 0 failed, 1 skipped\n", skip: true},
		"does not build":    {in: passed + "p/x.go:1: no\n" + `{"Action":"build-fail","ImportPath":"p"}`, want: "p/x.go:1: no\n1 passed, 0 failed, 0 skipped\n"},
		"no test files":     {in: passed + `{"Action":"skip","Package":"q"}`, want: "1 passed, 0 failed, 0 skipped\n", ok: true, skip: true},
		"nothing ran":       {in: "", want: "0 passed, 0 failed, 0 skipped\n"},
		"figures are shown": {in: `{"Action":"output","Package":"p","Test":"TestA","Output":"  a_test.go:3: measured: 2 s\n"}` + "\n" + passed, want: "        TestA: 2 s\n1 passed, 0 failed, 0 skipped\n", ok: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			s := newSum(&out)
			if err := s.read(strings.NewReader(c.in)); err != nil {
				t.Fatal(err)
			}
			if ok := s.end(c.skip); ok != c.ok || out.String() != c.want {
				t.Errorf("ok %v, want %v; got:\n%s\nwant:\n%s", ok, c.ok, out.String(), c.want)
			}
		})
	}
}
