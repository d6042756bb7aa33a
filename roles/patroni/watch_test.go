package patroni

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/roles/postgres"
)

// behind is a turn of a member behind two balancers; refused says whether a
// write through one of them is refused at that moment.
func behind(refused func(balancer string, since time.Duration) bool) (*turn, *fake.Host) {
	began, h := time.Now(), fake.New()
	h.Answer(func(c modules.Command) (string, error) {
		for _, name := range []string{"lb1", "lb2"} {
			if strings.Contains(strings.Join(c.Argv, " "), "host="+name) && refused(name, time.Since(began)) {
				return "", fake.Exit(2, "server closed the connection")
			}
		}
		return "", nil
	}, "/bin/psql")
	return &turn{probe: &probe{
		server: postgres.Server{Bin: "/bin"}, password: config.NewSecret("0123abcd"), passfile: "/run/pgrun/probe-orders",
		endpoints: []endpoint{{"lb1", "lb1", "5000"}, {"lb2", "lb2", "5000"}},
	}}, h
}

func TestTheGapIsMeasuredUntilAllBalancersTakeWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := behind(func(name string, since time.Duration) bool {
			return since > time.Second && since < 3*time.Second || name == "lb2" && since > time.Second && since < 4*time.Second
		})
		began := time.Now()
		if err := u.during(t.Context(), h, func() error { time.Sleep(2 * time.Second); return nil }); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 4*time.Second || took > 5*time.Second {
			t.Errorf("done after %s: lb2 took writes after 4 s", took)
		}
		if u.longest < 3*time.Second || u.longest > 3500*time.Millisecond {
			t.Errorf("the longest gap is %s, and lb2 took none for 3 s", u.longest)
		}
		if _, err := h.Lstat(t.Context(), u.passfile); err == nil {
			t.Error("the password was left behind")
		}
		if strings.Contains(fmt.Sprint(h.Log()), "psql -X -q -A -t -w -v ON_ERROR_STOP=1 -d \"host=lb1 port=5000 user=pgrun_probe passfile='/run/pgrun/probe-orders'") == false {
			t.Errorf("did:\n%s", h.Log())
		}
	})
}

func TestABalancerThatTookNoWritesBeforeIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := behind(func(name string, _ time.Duration) bool { return name == "lb2" })
		if err := u.during(t.Context(), h, func() error { return nil }); err != nil || strings.Join(u.unwatched, " ") != "lb2" {
			t.Errorf("%v, unwatched %v", err, u.unwatched)
		}
	})
}

func TestWritesThatDoNotComeBackAreAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := behind(func(_ string, since time.Duration) bool { return since > time.Second })
		err := u.during(t.Context(), h, func() error { time.Sleep(2 * time.Second); return nil })
		if err == nil || !strings.Contains(err.Error(), "for 2m0s nobody could write through lb1") || !strings.Contains(err.Error(), "server closed the connection") {
			t.Errorf("%v", err)
		}
	})
}

func TestAFailedChangeWaitsForNoWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := behind(func(_ string, since time.Duration) bool { return since > 0 })
		broken := errors.New("switchover failed")
		began := time.Now()
		if err := u.during(t.Context(), h, func() error { return broken }); !errors.Is(err, broken) || time.Since(began) > time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

func TestProgress(t *testing.T) {
	older := whole().Nodes["db1"]
	newer := older
	newer.ServerVersion = 170012
	if got := progress(older, newer); got != "PostgreSQL 17.11 -> 17.12" {
		t.Error(got)
	}
	newer.Patroni.Version = "4.0.9"
	if got := progress(older, newer); got != "PostgreSQL 17.11 -> 17.12, Patroni 4.0.7 -> 4.0.9" {
		t.Error(got)
	}
	if got := progress(older, older); got != "packages renewed, the same versions run" {
		t.Error(got)
	}
}
