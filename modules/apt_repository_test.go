package modules_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

func TestAptRepositoryFiles(t *testing.T) {
	h := fake.New()
	if err := apply(t, h, repository()); err != nil {
		t.Fatal(err)
	}
	want := "Types: deb\nURIs: https://apt.postgresql.org/pub/repos/apt\nSuites: trixie-pgdg\nComponents: main\nSigned-By: /etc/apt/keyrings/pgdg.asc\n"
	if got := h.Content("/etc/apt/sources.list.d/pgdg.sources"); got != want {
		t.Errorf("sources:\n%s", got)
	}
	want = "Package: postgresql*\nPin: origin \"apt.postgresql.org\"\nPin-Priority: 700\n"
	if got := h.Content("/etc/apt/preferences.d/pgdg.pref"); got != want {
		t.Errorf("preferences:\n%s", got)
	}
	if !strings.Contains(h.Log(), "exec apt-get update -q -o Acquire::Retries=2 -o APT::Update::Error-Mode=any -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/pgdg.sources") {
		t.Errorf("log:\n%s", h.Log())
	}
}

func TestAptRepositoryTriesAgainWhenListsFailed(t *testing.T) {
	h := fake.New()
	h.Fail(100, "E: Failed to fetch", "apt-get", "update")
	if err := apply(t, h, repository()); err == nil {
		t.Fatal("no error")
	}
	c := check(t, h, repository())
	if c == nil || c.Summary != "its lists were not fetched" {
		t.Errorf("%+v", c)
	}
}

func TestAptRepositorySaysWhatToDo(t *testing.T) {
	for output, want := range map[string]string{
		"W: GPG error: https://a/ x InRelease: The following signatures were invalid: EXPKEYSIG 7FCC7D46ACCC4CF8 PostgreSQL\n" +
			"E: The repository 'https://a/ x InRelease' is not signed.": "has expired",
		"W: GPG error: https://a/ x InRelease: NO_PUBKEY 7FCC7D46ACCC4CF8\nE: The repository 'https://a/ x InRelease' is not signed.": "a key that this host does not have",
		"E: The repository 'https://a/ x Release' is not signed.":                                                                     "has no signature",
		"E: Release file for https://a/x/InRelease is not valid yet (invalid for another 3h 2min 1s).":                                "clock is behind",
		"E: Release file for https://a/x/InRelease is expired (invalid since 3d 2h). Updates will not be applied.":                    "has not been updated",
		"E: Failed to fetch https://a/x  Certificate verification failed: The certificate is NOT trusted.":                            "update-ca-certificates",
		"E: Failed to fetch http://a/x  407  Proxy Authentication Required":                                                           "Acquire::http::Proxy",
		"E: Failed to fetch http://a/x  404  Not Found":                                                                               "the mirror is complete",
	} {
		h := fake.New()
		h.Fail(100, output, "apt-get", "update")
		var hint *modules.HintError
		if err := apply(t, h, repository()); !errors.As(err, &hint) || !strings.Contains(hint.Hint, want) {
			t.Errorf("%s: the hint is %v", output, hint)
		}
	}
}

func TestAptRepositoryRefuses(t *testing.T) {
	for want, spoil := range map[string]func(m *modules.AptRepository){
		"has the fingerprint 2DE3ECE2E64BF991948B13EFF89AFF7EE1C1D067, not B97B": func(m *modules.AptRepository) { m.Fingerprint = "B97B" },
		"the armoured key has no end":                                            func(m *modules.AptRepository) { m.Key = m.Key[:100] },
		"it is no OpenPGP key":                                                   func(m *modules.AptRepository) { m.Key = []byte("junk") },
		"is not a local folder":                                                  func(m *modules.AptRepository) { m.Trusted = true },
		"no single word":                                                         func(m *modules.AptRepository) { m.Suites = []string{"x\nTrusted: yes"} },
		"is no name of a package source":                                         func(m *modules.AptRepository) { m.Name = "../../cron.d/x" },
		"there is no OpenPGP public key in it":                                   func(m *modules.AptRepository) { m.Key = nil },
		"there is text outside": func(m *modules.AptRepository) {
			evil := "-----BEGIN PGP MESSAGE-----\n\nmDMEawEOhBYJ\n-----END PGP MESSAGE-----\n" // apt takes the first block of any kind
			m.Key = append([]byte(evil), m.Key...)
		},
		"there is text outside the armoured key": func(m *modules.AptRepository) {
			m.Key = append(append([]byte("pub\n"), m.Key...), m.Key...)
		},
		"there is a secret key in it": func(m *modules.AptRepository) {
			m.Key = append(binaryKey(m.Key), 0xc5, 1, 4) // packet 5, which sqv takes for a certificate too
		},
	} {
		h := fake.New()
		m := repository()
		spoil(&m)
		_, err := m.Check(context.Background(), h)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
