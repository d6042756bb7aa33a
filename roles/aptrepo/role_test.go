package aptrepo

import (
	"crypto/sha1" //nolint:gosec // what OpenPGP fingerprints are made of
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

func inventory(section string) roletest.Cluster {
	return roletest.Cluster{
		Registry: runner.Registry{{Name: Name, New: New}},
		Hosts:    []roletest.Host{{Name: "db1", Address: "10.0.0.1", Sections: map[string]string{Name: section}}},
	}
}

func TestValidate(t *testing.T) {
	for section, want := range map[string]string{
		"":                                   "",
		"source: distribution":               "",
		"source: pdgd":                       "problem: source:",
		"source: mirror":                     "problem: uris: is missing",
		"{source: mirror, uris: [ftp://x/]}": "problem: uris: \"ftp://x/\"",
		"{source: mirror, uris: ['https://a:b@x/']}":                                 "problem: uris: must not hold a password",
		"{source: mirror, uris: [https://x/pgdg]}":                                   "",
		"{source: folder}":                                                           "problem: path:",
		"{source: folder, path: /srv/packages}":                                      "",
		"{path: /srv}":                                                               "problem: path: is only for",
		"{key: abc, fingerprint: ACCC4CF8}":                                          "problem: fingerprint: must be the key's whole",
		"{fingerprint: ACCC4CF8}":                                                    "problem: key: is missing",
		"{key: a, fingerprint: '" + Fingerprint + "'}":                               "",
		"{key: a, fingerprint: 'B97B 0AFC AA1A 47F0 44F2 44A0 7FCC 7D46 ACCC 4CF8'}": "",
	} {
		got := strings.Join(inventory(section).Validate(t, "db1", Name).Lines(), "\n")
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q reports %q, want %q", section, got, want)
		}
	}
}

// The fingerprint of a version 4 key is the SHA-1 of its first packet.
func TestEmbeddedKeyHasTheFingerprint(t *testing.T) {
	_, body, _ := strings.Cut(string(pgdgKey), "\n\n")
	body, _, _ = strings.Cut(body, "\n=")
	packets, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	if packets[0] != 0x99 { // a public key with a length of two bytes
		t.Fatalf("the first packet is %#x", packets[0])
	}
	end := 3 + int(binary.BigEndian.Uint16(packets[1:3]))
	if got := fmt.Sprintf("%X", sha1.Sum(packets[:end])); got != Fingerprint {
		t.Errorf("fingerprint is %s", got)
	}
}

func TestRepository(t *testing.T) {
	pgdg := New().(*Role).repository("bookworm")
	if got := pgdg.Suites; !slices.Equal(got, []string{"bookworm-pgdg"}) {
		t.Errorf("suites of PGDG are %q", got)
	}
	if pgdg.Fingerprint != Fingerprint || pgdg.Trusted {
		t.Errorf("PGDG is not pinned: %+v", pgdg)
	}
	mirror := (&Role{Source: Mirror, URIs: []string{"http://m"}, Suites: []string{"s"}, Components: []string{"c"}, Key: "k", Fingerprint: "aa bb"}).repository("trixie")
	if string(mirror.Key) != "k" || mirror.Fingerprint != "AABB" || mirror.URIs[0] != "http://m" || mirror.Suites[0] != "s" || mirror.Components[0] != "c" {
		t.Errorf("the mirror is %+v", mirror)
	}
}
