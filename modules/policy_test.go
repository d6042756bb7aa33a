package modules_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

const (
	policy      = "/usr/sbin/policy-rc.d"
	policyAside = "/usr/sbin/policy-rc.d.before-pgrun"
	theirs      = "#!/bin/sh\nexit 0\n"
)

// dying is a machine on which this process is killed after some changes.
type dying struct {
	*fake.Host
	left int
}

func (h *dying) die() error {
	if h.left--; h.left < 0 {
		return errors.New("killed")
	}
	return nil
}

func (h *dying) WriteFile(ctx context.Context, c modules.Content) error {
	if err := h.die(); err != nil {
		return err
	}
	return h.Host.WriteFile(ctx, c)
}

func (h *dying) Remove(ctx context.Context, path string) error {
	if err := h.die(); err != nil {
		return err
	}
	return h.Host.Remove(ctx, path)
}

func (h *dying) Link(ctx context.Context, path, target string) error {
	if err := h.die(); err != nil {
		return err
	}
	return h.Host.Link(ctx, path, target)
}

func (h *dying) Exec(ctx context.Context, c modules.Command) (*modules.Result, error) {
	if err := h.die(); err != nil {
		return nil, err
	}
	return h.Host.Exec(ctx, c)
}

// Whenever a run is killed, the next one leaves the administrator's policy as
// it was, or as the administrator has changed it meanwhile.
func TestPolicyOutlivesEveryInterruption(t *testing.T) {
	for name, put := range map[string]func(h *fake.Host){
		"none": func(*fake.Host) {},
		"file": func(h *fake.Host) { h.Put(policy, theirs, modules.Attributes{Mode: 0o750}) },
		"link": func(h *fake.Host) { h.Put("/opt/policy", theirs); h.PutLink(policy, "/opt/policy") },
	} {
		for _, edited := range []bool{false, true} {
			for changes := 0; ; changes++ {
				h := fake.New()
				h.Offer(fake.Package{Name: "jq", Version: "1.7"})
				put(h)
				want := describe(t, h)
				m := modules.Packages{Names: []string{"jq"}}
				err := check(t, h, m).Apply(context.Background(), &dying{h, changes})
				if edited && strings.HasPrefix(h.Content(policy), theirs) {
					h.Delete(policy)
					h.Put(policy, theirs+"# edited\n")
					want = "-rw-r--r--  " + theirs + "# edited\n;;"
				}
				if change := check(t, h, m); change != nil {
					if err := change.Apply(context.Background(), h); err != nil {
						t.Fatal(err)
					}
				}
				if got := describe(t, h); got != want {
					t.Errorf("%s, edited %v, killed after %d changes: %s, want %s\n%s", name, edited, changes, got, want, h.Log())
				}
				if err == nil {
					break
				}
			}
		}
	}
}

func describe(t *testing.T, h *fake.Host) string {
	t.Helper()
	var text strings.Builder
	for _, name := range []string{policy, policyAside} {
		stat, err := h.Lstat(context.Background(), name)
		if err == nil {
			text.WriteString(stat.Mode.String() + " " + stat.Target + " " + h.Content(name))
		}
		text.WriteString(";")
	}
	return text.String()
}

func TestPolicyGoesWhenARepairFails(t *testing.T) {
	h := fake.New()
	h.Install(fake.Package{Name: "jq", Version: "1.7", Status: "install ok half-configured"})
	h.Fail(1, "dpkg: error processing package jq", "dpkg", "--force-confdef")
	if err := apply(t, h, modules.Packages{Names: []string{"jq"}}); err == nil || !strings.Contains(err.Error(), "finishing an interrupted dpkg") {
		t.Error(err)
	}
	if h.Content(policy) != "" {
		t.Error("the policy is left behind")
	}
}

// Who waits for apt may give up before apt does.
func TestPolicyStaysWhileAptRuns(t *testing.T) {
	h := fake.New()
	h.Offer(fake.Package{Name: "jq", Version: "1.7"})
	h.Answer(func(modules.Command) (string, error) {
		h.SetUnit(modules.Unit{Name: "pgrun-apt", ActiveState: "active"})
		return "", errors.New("did not end within 30m0s")
	}, "apt-get", "install")
	if err := apply(t, h, modules.Packages{Names: []string{"jq"}}); err == nil {
		t.Error("no error")
	}
	if !strings.Contains(h.Content(policy), "exit 101") {
		t.Error("services may start while apt still runs")
	}
}
