package os

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

func inventory(section string) roletest.Cluster {
	return roletest.Cluster{
		Name:     "orders",
		Registry: runner.Registry{{Name: Name, New: New}},
		Hosts: []roletest.Host{
			{Name: "db1", Address: "10.0.0.1", Groups: []string{"postgres"}, Sections: map[string]string{Name: section}},
			{Name: "lb1", Address: "10.0.0.2", Groups: []string{"balancers"}},
		},
	}
}

func TestValidate(t *testing.T) {
	for section, want := range map[string]string{
		"":                                "",
		"transparent_huge_pages: always":  "problem: transparent_huge_pages:",
		"open_files: 10":                  "problem: open_files:",
		"sysctl: {vm.swappiness: '10'}":   "",
		"sysctl: {'a b': '1'}":            "problem: sysctl.a b:",
		"sysctl: {'/etc/passwd': '1'}":    "problem: sysctl./etc/passwd:",
		"sysctl: {net/../x: '1'}":         "problem: sysctl.net/../x:",
		`sysctl: {vm.swappiness: "1\n2"}`: "problem: sysctl.vm.swappiness: has more than one line",
		"sysctl: {vm.swappiness: '1', vm/swappiness: '2'}": "problem: sysctl.vm/swappiness: is vm.swappiness",
	} {
		got := strings.Join(inventory(section).Validate(t, "db1", Name).Lines(), "\n")
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q reports %q, want %q", section, got, want)
		}
	}
}

func TestReplaceBlock(t *testing.T) {
	block := hostsBlock{cluster: "orders", peers: []runner.Peer{
		{Name: "db1", Address: netip.MustParseAddr("10.0.0.1")},
		{Name: "db2", Address: netip.MustParseAddr("10.0.0.2")},
	}}.lines()
	text := strings.Join(block, "\n") + "\n"
	for name, c := range map[string]struct{ before, after string }{
		"empty":         {"", text},
		"at the end":    {"127.0.0.1 localhost\n", "127.0.0.1 localhost\n" + text},
		"no newline":    {"127.0.0.1 localhost", "127.0.0.1 localhost\n" + text},
		"already there": {"a\n" + text + "b\n", "a\n" + text + "b\n"},
		"in its place":  {"a\n" + blockBegin + ": cluster x\n10.0.0.9 db9\n" + blockEnd + "\nb\n", "a\n" + text + "b\n"},
	} {
		got, err := replaceBlock(c.before, block)
		if err != nil || got != c.after {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
	if got, err := replaceBlock("a\n"+text+"b\n", nil); err != nil || got != "a\nb\n" {
		t.Errorf("taking the block away leaves %q, %v", got, err)
	}
	for name, before := range map[string]string{"no end": blockBegin + "\n10.0.0.1 x\n", "twice": text + text} {
		if _, err := replaceBlock(before, block); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// getaddrinfo joins the lines of a name: localhost would lead to the network.
func TestTheBlockLeavesOutWhatIsNoNameOfAHost(t *testing.T) {
	lines := hostsBlock{cluster: "orders", peers: []runner.Peer{
		{Name: "localhost", Address: netip.MustParseAddr("10.0.0.1")},
		{Name: "10.0.0.2", Address: netip.MustParseAddr("10.0.0.2")},
		{Name: "db3", Address: netip.MustParseAddr("10.0.0.3")},
	}}.lines()
	if len(lines) != 3 || lines[1] != "10.0.0.3 db3" {
		t.Errorf("the block is %q", lines)
	}
}

func TestDirtyBytesFitTheMemory(t *testing.T) {
	for memory, want := range map[int64][2]int64{
		512 << 20: {8 << 20, 64 << 20},
		2 << 30:   {32 << 20, 256 << 20},
		64 << 30:  {64 << 20, 512 << 20},
	} {
		background, limit := dirtyBytes(memory)
		if background != want[0] || limit != want[1] || background >= limit {
			t.Errorf("%d: %d and %d, want %v", memory, background, limit, want)
		}
	}
}

func TestSysctlKeysAsTheManualHasThem(t *testing.T) {
	for key, want := range map[string]string{
		"vm.swappiness":                    "vm.swappiness",
		"vm/swappiness":                    "vm.swappiness",
		"net/ipv4/conf/eth0.100/rp_filter": "net.ipv4.conf.eth0/100.rp_filter",
		"net.ipv4.conf.eth0/100.rp_filter": "net.ipv4.conf.eth0/100.rp_filter",
	} {
		if got := dotted(key); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
}

func TestSysctlOfTheOperatorCounts(t *testing.T) {
	role := inventory("sysctl: {vm.swappiness: '10', kernel.numa_balancing: ''}").Role(t, "db1", Name).(*Role)
	values := role.merged(databaseSettings(4 << 30))
	if values["vm.swappiness"] != "10" {
		t.Errorf("vm.swappiness is %q", values["vm.swappiness"])
	}
	if _, ok := values["kernel.numa_balancing"]; ok {
		t.Error("kernel.numa_balancing was to be left alone")
	}
}
