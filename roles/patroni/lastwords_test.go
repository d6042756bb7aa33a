package patroni

import (
	"slices"
	"testing"
)

func TestFatalMessages(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"Patroni's journal": {
			"2026-11-21 10:00:00.000 UTC [77] FATAL:  data directory \"/var/lib/postgresql/17/main\" has invalid permissions\n" +
				"2026-11-21 10:00:00.000 UTC [77] DETAIL:  Permissions should be u=rwx (0700) or u=rwx,g=rx (0750).\n",
			[]string{`data directory`},
		},
		"CSV":       {`2026-11-21 10:00:00.000 UTC,,,77,,6740,1,,2026-11-21 10:00:00 UTC,,0,FATAL,XX000,"could not map anonymous shared memory: Cannot allocate memory",,,,` + "\n", []string{"could not map anonymous shared memory: Cannot allocate memory"}},
		"JSON":      {`{"timestamp":"2026","pid":77,"error_severity":"PANIC","state_code":"53100","message":"could not write to file: No space left on device","backend_type":"startup"}` + "\n", []string{"could not write to file: No space left on device"}},
		"clients":   {"FATAL:  password authentication failed for user app\nFATAL:  the database system is starting up\n", nil},
		"each once": {"FATAL:  a\nFATAL:  b\nFATAL:  b\nFATAL:  c\n", []string{"b", "c"}},
	} {
		got := fatal(c.text)
		same := slices.EqualFunc(got, c.want, func(a, b string) bool { return a == b || b == "data directory" && len(a) >= len(b) && a[:len(b)] == b })
		if !same {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
