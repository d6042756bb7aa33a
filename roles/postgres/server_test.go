package postgres

import (
	"slices"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

// A changed port waits for a restart, which needs the server before.
func TestTheServerIsAskedWhereItListens(t *testing.T) {
	h := fake.New()
	var ports []string
	h.Answer(func(c modules.Command) (string, error) {
		ports = append(ports, c.Argv[slices.Index(c.Argv, "-p")+1])
		return "true", nil
	}, "/bin/psql")
	s := Server{Bin: "/bin", Data: "/data", Port: 5433}
	ask := func() {
		var is bool
		if err := s.Query(t.Context(), h, "postgres", "SELECT true", nil, &is); err != nil {
			t.Fatal(err)
		}
		if err := s.exec("", "", "", "postgres", "SELECT 1", nil).Apply(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	h.Put("/data/postmaster.pid", "4711\n/data\n1700000000\n5432\n/var/run/postgresql\n10.0.0.11\n  5432001        12\nready   \n")
	ask()
	h.Put("/data/postmaster.pid", "4711\n")
	ask()
	if want := []string{"5433", "5433", "5432", "5432", "5433", "5433"}; !slices.Equal(ports, want) {
		t.Errorf("asked at %q, want %q", ports, want)
	}
}
