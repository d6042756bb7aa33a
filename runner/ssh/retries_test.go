package ssh

import (
	"errors"
	"testing"
)

// TestWhatIsTriedAgain: ansible_ssh_retries is for a host that cannot be
// reached, and not for one that refuses the login.
func TestWhatIsTriedAgain(t *testing.T) {
	d := newDialer(Options{}, home(t, nil), defaultLimits())
	if t1, err := d.resolve(Connection{Address: "10.0.0.1", Retries: 3}, "db1"); err != nil || t1.retries != 3 {
		t.Errorf("%+v, %v", t1, err)
	}
	refused, login := fail(NoConnection, "", "refused"), fail(NoAccess, "", "no key")
	for name, c := range map[string]struct {
		retries int
		cut     bool
		err     error
		tries   int
	}{
		"refused":              {0, false, refused, 1},
		"refused, 3 retries":   {3, false, refused, 4},
		"login, 3 retries":     {3, false, login, 1},
		"cut off":              {0, true, refused, 4},
		"cut off, 2 retries":   {2, true, refused, 4},
		"cut off, 9 retries":   {9, true, refused, 10},
		"cancelled, 3 retries": {3, false, errors.New("cancelled"), 1},
	} {
		tries := 1
		for d.again(&target{retries: c.retries}, tries, c.cut, c.err) {
			tries++
		}
		if tries != c.tries {
			t.Errorf("%s: %d tries, not %d", name, tries, c.tries)
		}
	}
}
