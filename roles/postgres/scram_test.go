package postgres

import (
	"encoding/base64"
	"strings"
	"testing"
)

// The password, salt and keys of RFC 7677, section 3.
func TestVerifierOfRFC7677(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	got, err := verifierWith("pencil", salt, 4096)
	if err != nil {
		t.Fatal(err)
	}
	want := "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestVerifies(t *testing.T) {
	stored, err := verifier("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	again, err := verifier("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if stored == again {
		t.Error("two verifiers have the same salt")
	}
	for _, c := range []struct {
		name, stored, password string
		want                   bool
	}{
		{"same", stored, "correct horse", true},
		{"other", stored, "battery staple", false},
		{"none stored", "", "correct horse", false},
		{"md5", "md5ab4f6f5c4b3e0d0d6e4a9d1e7d3a2b1c", "correct horse", false},
		{"cut", strings.TrimSuffix(stored, "="), "correct horse", false},
		{"endless", strings.Replace(stored, "$4096:", "$999999999:", 1), "correct horse", false},
		{"empty password", stored, "", false},
	} {
		if got := verifies(c.stored, c.password); got != c.want {
			t.Errorf("%s: verifies is %v", c.name, got)
		}
	}
}

func TestVerifierRefusesWhatClientsEncodeDifferently(t *testing.T) {
	for _, password := range []string{"", "grün", "a\tb", "a\nb"} {
		if _, err := verifier(password); err == nil {
			t.Errorf("verifier of %q is no error", password)
		}
	}
}
