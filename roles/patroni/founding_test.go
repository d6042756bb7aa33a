package patroni_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

const oldID = "7400000000000000001"

// member is a host of a cluster that is to be made, with its etcd.
func member(t *testing.T, s *store) *machine {
	m := newMachine(t, "db1")
	s.serve(m)
	return m
}

// holding lets a machine have the data of a former cluster.
func (m *machine) holding() *machine {
	m.Put("/var/lib/postgresql/17/orders/global/pg_control", "")
	m.Say("Database system identifier:           "+oldID+"\n", "/usr/lib/postgresql/17/bin/pg_controldata")
	return m
}

func (m *machine) started() bool {
	unit, err := m.Unit(m.t.Context(), "patroni.service")
	return err != nil || unit.ActiveState == "active"
}

// refused ends in a refusal that says all of this, without Patroni.
func refused(t *testing.T, m *machine, err error, says ...string) {
	t.Helper()
	if !runner.IsRefused(err) {
		t.Fatalf("not refused: %v", err)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the refusal does not say %q: %v", text, err)
		}
	}
	if m.started() {
		t.Error("Patroni was started")
	}
}

func patient(sections map[string]string) roletest.Cluster {
	c := three(sections)
	c.Patience = 20 * time.Minute
	return c
}

func TestHostsWithoutDataFoundTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newStore(), patient(nil)
		late := 15 * time.Minute
		began := time.Now()
		started := make(chan time.Duration, 3)
		for _, host := range []string{"db1", "db2", "db3"} {
			m := member(t, s)
			m.OnJob("patroni.service", func(verb string) error {
				if verb == "start" {
					started <- time.Since(began)
					m.serve("db1")
				}
				return nil
			})
			go func() {
				if host == "db3" {
					time.Sleep(late)
				}
				if _, err := c.Apply(t, host, "patroni", m, false); err != nil {
					t.Errorf("%s: %v", host, err)
				}
			}()
		}
		for range 3 {
			if after := <-started; after < late || after > late+2*time.Second {
				t.Errorf("Patroni was started after %s, the last host came after %s", after, late)
			}
		}
		synctest.Wait()
	})
}

func TestDataElsewhereKeepsAnEmptyHostFromFounding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := saying("db2"), patient(nil)
		empty, full := member(t, s), member(t, s).holding()
		done := make(chan error)
		go func() {
			_, err := c.Apply(t, "db3", "patroni", empty, false)
			done <- err
		}()
		synctest.Wait() // db3 has said its own and waits
		_, err := c.Apply(t, "db1", "patroni", full, false)
		refused(t, full, err, oldID, "newest data")
		began := time.Now()
		refused(t, empty, <-done, "db1", oldID, "newest data", "systemctl start patroni")
		if waited := time.Since(began); waited > time.Second {
			t.Errorf("a word of this run was believed after %s only", waited)
		}
		// Another run, on this host alone: the word of before still counts.
		began = time.Now()
		_, err = c.Apply(t, "db3", "patroni", empty, false)
		refused(t, empty, err, "db1", oldID)
		if waited := time.Since(began); waited > time.Minute {
			t.Errorf("a word of a run before was believed after %s only", waited)
		}
	})
}

func TestAnOutdatedWordOfDataIsCorrected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := saying("db2"), patient(nil)
		s.put("/pgrun/orders/postgres/db1", oldID, "")
		m := member(t, s)
		time.AfterFunc(5*time.Second, func() { s.put("/pgrun/orders/postgres/db1", "none", "") })
		if _, err := c.Apply(t, "db3", "patroni", m, false); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoIsNotHeardIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, began := saying("db1"), time.Now()
		m := member(t, s)
		c := patient(nil)
		_, err := c.Apply(t, "db3", "patroni", m, false)
		refused(t, m, err, "of the data of db2", "patroni.bootstrap_without: [db2]")
		if waited := time.Since(began); waited < c.Patience || waited > c.Patience+time.Second {
			t.Errorf("refused after %s, patience is %s", waited, c.Patience)
		}
		if _, err := three(map[string]string{"patroni": "bootstrap_without: [db2]"}).Apply(t, "db3", "patroni", m, false); err != nil {
			t.Errorf("with the operator's word: %v", err)
		}
	})
}

// A host that said so and ended may have got a disk since.
func TestAnOldWordOfNoDataIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := saying("db1"), three(nil)
		first, second := member(t, s), member(t, s)
		_, err := c.Apply(t, "db2", "patroni", first, false)
		refused(t, first, err, "db3")
		time.Sleep(time.Minute)
		_, err = c.Apply(t, "db3", "patroni", second, false)
		refused(t, second, err, "of the data of db2")
	})
}

func TestAClusterThatAppearsIsJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		m := member(t, s)
		time.AfterFunc(time.Minute, func() { s.put("/service/orders/initialize", "", "") })
		began := time.Now()
		if _, err := patient(nil).Apply(t, "db3", "patroni", m, false); err != nil || time.Since(began) > 2*time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		fresh := member(t, s)
		if _, err := three(nil).Apply(t, "db2", "patroni", fresh, false); err != nil || s.get("/pgrun/orders/postgres/db2") != "" {
			t.Errorf("a host that joins speaks (%q), or fails: %v", s.get("/pgrun/orders/postgres/db2"), err)
		}
	})
}

func TestDataThatAppearsWhileAHostWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := member(t, newStore())
		time.AfterFunc(time.Minute, func() { m.holding() })
		_, err := patient(nil).Apply(t, "db3", "patroni", m, false)
		refused(t, m, err, "holds some now")
	})
}

func TestAnEmptyHostDoesNotGoOnWithoutEtcd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := member(t, newStore())
		m.Serve("POST", "http://10.0.0.11:2379/v3/*", 503, `{"error":"no leader"}`)
		if _, err := patient(nil).Apply(t, "db3", "patroni", m, false); err == nil || !strings.Contains(err.Error(), "not within 20m0s") || m.started() {
			t.Errorf("%v; started: %t", err, m.started())
		}
	})
}

func TestCheckModeSaysNothingToOthers(t *testing.T) {
	for _, host := range []string{"db1", "db3"} {
		m := member(t, newStore())
		if host == "db1" {
			m.holding()
		}
		steps, err := three(nil).Apply(t, host, "patroni", m, true)
		if host == "db1" {
			refused(t, m, err, oldID)
			if strings.Contains(steps.String(), "tell hosts") {
				t.Errorf("check mode speaks of telling:\n%s", steps)
			}
		} else if err != nil || !strings.Contains(steps.String(), "skipped: no other host holds data") {
			t.Errorf("%v\n%s", err, steps)
		}
		if log := m.Log(); log != "" {
			t.Errorf("check mode on %s changed:\n%s", host, log)
		}
	}
}

func TestOneHostFoundsAtOnce(t *testing.T) {
	c := three(nil)
	c.Hosts = c.Hosts[:1]
	m := newMachine(t, "db1")
	newStore().serve(m)
	if _, err := c.Apply(t, "db1", "patroni", m, false); err != nil || strings.Contains(m.Log(), "/v3/") {
		t.Errorf("%v\n%s", err, m.Log())
	}
}

func TestBootstrapWithoutIsChecked(t *testing.T) {
	for section, want := range map[string]string{
		"bootstrap_without: [db3]":           "",
		"bootstrap_without: [db3, lb1]":      `problem: bootstrap_without[1]: "lb1" is not a host in group postgres`,
		"bootstrap_without: [db1, db2, db3]": "problem: bootstrap_without: names all members",
	} {
		got := strings.Join(three(map[string]string{"patroni": section}).Validate(t, "db1", "patroni").Lines(), "\n")
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", section, got, want)
		}
	}
}
