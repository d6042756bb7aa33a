package modules

import "testing"

func TestPolicy(t *testing.T) {
	got := parsePolicy(`postgresql-17:
  Installed: 17.11-0+deb13u1
  Candidate: 17.12-0+deb13u1
  Version table:
     17.12-0+deb13u1 500
        500 http://deb.debian.org/debian-security trixie-security/main amd64 Packages
 *** 17.11-0+deb13u1 100
        100 /var/lib/dpkg/status
patroni:
  Installed: (none)
  Candidate: 4.0.7-3~deb13u1
  Version table:
`)
	if o := got["postgresql-17"]; !o.Upgradable() || o.Installed != "17.11-0+deb13u1" {
		t.Errorf("postgresql-17: %+v", o)
	}
	if o := got["patroni"]; o.Upgradable() || o.Candidate != "4.0.7-3~deb13u1" {
		t.Errorf("patroni: %+v", o)
	}
}

func TestUpstream(t *testing.T) {
	for version, want := range map[string]string{"1:4.0.7-3~deb13u1": "4.0.7", "17.12-1.pgdg13+1": "17.12", "3.5.16-4": "3.5.16", "sid": ""} {
		if got := Upstream(version); got != want {
			t.Errorf("of %s: %q, want %q", version, got, want)
		}
	}
}
