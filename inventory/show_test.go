package inventory_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/inventory"
)

func shownHost(t *testing.T, inv *inventory.Inventory) (values, explained string) {
	t.Helper()
	var host, explain strings.Builder
	if err := inv.WriteHost(&host, inv.Hosts[0]); err != nil {
		t.Fatal(err)
	}
	if err := inv.Explain(&explain, inv.Hosts[0]); err != nil {
		t.Fatal(err)
	}
	return host.String(), explain.String()
}

func TestSecretsWithTagsAreHidden(t *testing.T) {
	inv := load(t, `all:
  vars:
    patroni: {superuser_password: !unsafe "hunter2{{x", rewind_password: !!str hunter2}
    custom: {tokens: !unsafe [hunter2, {a: hunter2}], vault_password: !vault hunter2, env_password: !env hunter-2}
    ansible_password: !unsafe hunter2
    ansible_become_password: !env SHOWN
  hosts: {db1: {}}
`)
	values, explained := shownHost(t, inv)
	for _, text := range []string{values, explained} {
		if strings.Contains(text, "hunter") || !strings.Contains(text, "!env SHOWN") || strings.Count(text, "***") < 6 {
			t.Errorf("%s", text)
		}
	}
}

func TestNullIsShownAsNull(t *testing.T) {
	values, explained := shownHost(t, load(t, "all:\n  hosts:\n    db1:\n      custom: {a: null, b: ~, c: '', d: }\n"))
	if want := "custom: {a: null, b: null, c: '', d: null}\n"; values != want {
		t.Errorf("%s", values)
	}
	if !strings.Contains(explained, "custom.d: null\n") {
		t.Errorf("%s", explained)
	}
}

// Keys are shown, so they must not steer the terminal.
func TestKeysAreShownPrintable(t *testing.T) {
	values, explained := shownHost(t, load(t, `all: {hosts: {db1: {custom: {"a\e]0;x\a": 1, "b\nc": "\e[2J"}}}}`))
	for _, text := range []string{values, explained} {
		if strings.ContainsAny(text, "\x1b\a") || strings.Contains(text, "b\nc") {
			t.Errorf("%q", text)
		}
	}
}

// Ansible marks all texts below !unsafe, and reads other values as ever.
func TestListOfUnsafeValues(t *testing.T) {
	inv := load(t, `all: {hosts: {db1: {custom: [!unsafe [a, 1, {k: "{{v}}"}], !unsafe 12, !unsafe {z: [yes]}]}}}`)
	var b strings.Builder
	if err := inv.List(&b); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(b.String()), "")
	if want := `[[{"__ansible_unsafe":"a"},1,{"k":{"__ansible_unsafe":"{{v}}"}}],12,{"z":[true]}]`; !strings.Contains(text, want) {
		t.Errorf("%s lacks %s", text, want)
	}
}
