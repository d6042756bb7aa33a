package patroni

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
)

func TestPasswordsThatAreGuessedOrSpoilPgpass(t *testing.T) {
	good := config.NewSecret("0123456789abcdef")
	for value, want := range map[string]string{
		"0123456789abcdef": "", strings.Repeat(`a:\ "#'`, 5): "", "0123456789abcde": "16 are the least", "x": "16 are the least",
		"0123456789abcdef\nmore": "printable ASCII", "grüne Wiesen überall": "printable ASCII", "": "",
	} {
		var problems []string
		peer := runner.Peer{Name: "db1", Groups: []string{"postgres"}}
		v := runner.NewView("orders", peer, []runner.Peer{peer}, nil, func(key, message string, _ bool) { problems = append(problems, key+": "+message) })
		r := &Role{SuperuserPassword: good, ReplicationPassword: good, RewindPassword: config.NewSecret(value), RestapiPassword: good}
		r.ValidateSecrets(v)
		got := strings.Join(problems, "\n")
		if want == "" && got != "" || !strings.Contains(got, want) || want != "" && !strings.HasPrefix(got, "rewind_password: ") || value != "" && strings.Contains(got, value+" ") {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

// Who has the probe's password shall not find the superuser's from it.
func TestProbePassword(t *testing.T) {
	r := &Role{SuperuserPassword: config.NewSecret("0123456789abcdef")}
	one := r.probePassword("orders").Reveal()
	if len(one) != 64 || one != r.probePassword("orders").Reveal() || one == r.probePassword("billing").Reveal() {
		t.Errorf("the password is %q", one)
	}
	if cost := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			r.probePassword("orders")
		}
	}).NsPerOp(); cost < 2_000_000 {
		t.Errorf("a guess costs %d ns", cost)
	}
}
