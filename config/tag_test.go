package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
)

// A tag that pgrun does not know is a problem wherever it stands, also the one
// that marks resolved secrets on their way to a host: no file can write it.
func TestUnknownTagsAreNeverValues(t *testing.T) {
	const known = "an unknown tag: known are !env NAME, !file path and !command [argv], which fetch secrets, and !unsafe; quote a value that begins with !"
	for text, place := range map[string]string{
		"password: !secret superuser":            "1:11",
		"password: !<!secret> superuser":         "1:11",
		"password: !%73ecret superuser":          "1:11",
		"%TAG !e! !sec\n---\npassword: !e!ret x": "3:11",
		"custom: {a: !secret superuser}":         "1:13",
		"name: !int 30":                          "1:7",
		"limits: !secret {a: 1}":                 "1:9",
		"node: {a: !secret x}":                   "1:11",
		"custom:\n- !hm x":                       "2:3",
		"name: !!binary aGVsbG8=":                "1:7",
		"password: &x !secret y\nname: *x":       "1:11",
	} {
		var into section
		err := decode(text, &into).Err()
		if err == nil || into.Password.Reveal() != "" || strings.Contains(fmt.Sprint(into), "superuser") {
			t.Errorf("%q: %v, %+v", text, err, into)
			continue
		}
		if got := err.Error(); !strings.HasPrefix(got, "f.yml:"+place+": "+known) || strings.Contains(got, "superuser") {
			t.Errorf("%q: %s", text, got)
		}
		if n := strings.Count(err.Error(), "f.yml:"); n != 1 {
			t.Errorf("%q: %d problems\n%v", text, n, err)
		}
	}
	if got := roleError("!env ttl: 3"); !strings.HasPrefix(got, "f.yml:1:1: a key takes no tag: quote a key that begins with !") {
		t.Errorf("a tagged key: %s", got)
	}
}

// What the controller resolved arrives on the other side as before.
func TestResolvedSecretsTravel(t *testing.T) {
	var into section
	if err := config.DecodeText("password: !secret \"x\"\n", &into); err != nil || into.Password.Reveal() != "x" {
		t.Errorf("%v, %q", err, into.Password.Reveal())
	}
}
