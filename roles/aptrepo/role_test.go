package aptrepo

import (
	"crypto/sha1" // what OpenPGP fingerprints are made of
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
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
	key := "key: " + strconv.Quote(string(pgdgKey)) + ", "
	for section, want := range map[string]string{
		"":                                   "",
		"source: distribution":               "",
		"source: pdgd":                       "problem: source:",
		"source: mirror":                     "problem: uris: is missing",
		"{source: mirror, uris: [ftp://x/]}": "problem: uris: \"ftp://x/\"",
		"{source: mirror, uris: ['https://a:b@x/']}":        "problem: uris: must not hold a password",
		"{source: mirror, uris: [https://x/pgdg]}":          "",
		"{source: mirror, uris: ['https://x/a b']}":         "problem: uris: \"https://x/a b\" is more than one word",
		"{suites: [\"a\\nTrusted: yes\"]}":                  "problem: suites:",
		"{components: ['main contrib']}":                    "problem: components:",
		"{source: mirror, uris: [https://x], suites: [./]}": "",
		"{suites: [./], components: [main]}":                "problem: components: does not go with",
		"{suites: [./, trixie-pgdg]}":                       "problem: suites: ",
		"{source: folder}":                                  "problem: path:",
		"{source: folder, path: /srv/packages}":             "",
		"{source: folder, path: '/srv/my packages'}":        "problem: path: \"/srv/my packages\" is more than one word",
		"{path: /srv}": "problem: path: is only for",
		"{source: folder, path: /srv, uris: [https://x]}":                                "problem: uris: is only for",
		"{source: distribution, suites: [x]}":                                            "problem: suites: is only for",
		"{source: distribution, components: [x]}":                                        "problem: components: is only for",
		"{source: distribution, " + key + "fingerprint: x}":                              "problem: key: is only for",
		"{" + key + "fingerprint: ACCC4CF8}":                                             "problem: fingerprint: must be the key's whole",
		"{fingerprint: ACCC4CF8}":                                                        "problem: key: is missing",
		"{key: abc, fingerprint: '" + Fingerprint + "'}":                                 "problem: key: it is no OpenPGP key",
		"{" + key + "fingerprint: '" + strings.Repeat("A", 40) + "'}":                    "problem: fingerprint: is AAAA",
		"{" + key + "fingerprint: '" + Fingerprint + "'}":                                "",
		"{" + key + "fingerprint: 'B97B 0AFC AA1A 47F0 44F2  44A0 7FCC 7D46 ACCC 4CF8'}": "",
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
	flat := (&Role{Source: Mirror, URIs: []string{"http://m"}, Suites: []string{"./"}}).repository("trixie")
	if len(flat.Components) > 0 {
		t.Errorf("apt reads no flat repository with components: %q", flat.Components)
	}
	mirror := (&Role{Source: Mirror, URIs: []string{"http://m"}, Suites: []string{"s"}, Components: []string{"c"}, Key: "k", Fingerprint: "aa bb"}).repository("trixie")
	if string(mirror.Key) != "k" || mirror.Fingerprint != "AABB" || mirror.URIs[0] != "http://m" || mirror.Suites[0] != "s" || mirror.Components[0] != "c" {
		t.Errorf("the mirror is %+v", mirror)
	}
}
