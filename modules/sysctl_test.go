package modules_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

// What the kernel refused once is tried again when it would see another thing:
// a module was loaded, or the value is not the one that was left.
func TestSysctlTriesAgainWhenTheKernelChanged(t *testing.T) {
	h := fake.New()
	m := modules.Sysctl{Name: "90-pgrun", Values: map[string]string{"net.netfilter.nf_conntrack_max": "1000"}, Optional: true}
	if err := apply(t, h, m); err != nil {
		t.Fatal(err)
	}
	if c := check(t, h, m); c != nil {
		t.Errorf("the same refusal: %s", c.Summary)
	}
	h.Put("/proc/sys/net/netfilter/nf_conntrack_max", "50\n")
	if err := apply(t, h, m); err != nil {
		t.Fatal(err)
	}
	if got := h.Content("/proc/sys/net/netfilter/nf_conntrack_max"); got != "1000\n" {
		t.Errorf("live: %q", got)
	}
}

func TestSysctlFindsKeysWithDotsAndSlashes(t *testing.T) {
	for _, key := range []string{"net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"} {
		h := fake.New()
		h.Put("/proc/sys/net/ipv4/conf/eth0.100/rp_filter", "1\n")
		h.Put("/etc/sysctl.d/x.conf", key+" = 1\n", modules.Attributes{Owner: "root", Group: "root", Mode: 0o644})
		if c := check(t, h, modules.Sysctl{Name: "x", Values: map[string]string{key: "1"}}); c != nil {
			t.Errorf("%s: %s", key, c.Summary)
		}
	}
}

// A value that the kernel calls wrong is an error, optional or not; what is
// not there or belongs to the host is passed over.
func TestSysctlTellsOfAWrongValue(t *testing.T) {
	h := fake.New()
	h.Put("/proc/sys/net/core/somaxconn", "4096\n")
	h.Fail(1, "Couldn't write 'abc' to 'net/core/somaxconn': Invalid argument", "/usr/lib/systemd/systemd-sysctl")
	m := modules.Sysctl{Name: "90-pgrun", Values: map[string]string{"net.core.somaxconn": "abc"}, Optional: true}
	if err := apply(t, h, m); err == nil || !strings.Contains(err.Error(), "did not take net.core.somaxconn") || !strings.Contains(err.Error(), "Invalid argument") {
		t.Error(err)
	}
	if c := check(t, h, m); c == nil {
		t.Error("then it counts as done")
	}
}
