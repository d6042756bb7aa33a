package preflight

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
)

func TestRelease(t *testing.T) {
	cases := []struct{ os, version, codename, section, refused, noted string }{
		{"debian", "13", "trixie", "", "", ""},
		{"debian", "13", "trixie", "untested_releases: [debian 13]", "", ""},
		{"debian", "", "forky", "", "db1 is debian forky", ""},
		{"debian", "", "forky", "untested_releases: [debian forky]", "", "debian forky is not"},
		{"debian", "14", "forky", "untested_releases: [debian forky]", "set `preflight: {untested_releases: [debian 14]}`", ""},
		{"ubuntu", "26.04", "resolute", "untested_releases: [debian 14, ubuntu 26.04]", "", "ubuntu 26.04 is not"},
	}
	for _, c := range cases {
		t.Run(c.os+" "+c.version+" "+c.codename+" "+c.section, func(t *testing.T) {
			inventory := inventory(runner.Facts{
				OS: c.os, Version: c.version, Codename: c.codename, Memory: 4 << 30, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1")},
			})
			inventory.Hosts[0].Sections = map[string]string{Name: c.section}
			steps, err := inventory.Apply(t, "db1", Name, good(), false)
			if refused := runner.IsRefused(err); refused != (c.refused != "") || refused && !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%v, want %q", err, c.refused)
			}
			if noted := strings.Contains(steps.String(), "release is tested"); noted != (c.noted != "") || !strings.Contains(steps.String(), c.noted) {
				t.Errorf("want the note %q:\n%s", c.noted, steps)
			}
		})
	}
}

func TestUntestedReleasesAreNames(t *testing.T) {
	for text, bad := range map[string]bool{"[debian 14]": false, "[debian forky, ubuntu 26.04]": false, "[forky]": true, "['14']": true, "[Debian 14]": true} {
		inventory := inventory(trixie())
		inventory.Hosts[0].Sections = map[string]string{Name: "untested_releases: " + text}
		if problems := inventory.Validate(t, "db1", Name).Lines(); (len(problems) > 0) != bad {
			t.Errorf("%s: %q", text, problems)
		}
	}
}
