package playbooks

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pgrun/pgrun/config"
)

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"- {hosts: all, roles: [etcd, {role: etcd, action: restart, tags: a}]}",
		"- import_playbook: p.yml\n  tags: [a, [b]]", "- import_playbook: site.yml\n- {import_playbook: }",
		"- hosts: [a, {b: c}]\n  serial: [1, 30%, -1, 1e3]\n  any_errors_fatal: {}", "- &a {roles: *a}", "- {<<: {hosts: x}, roles: {}}",
		"- {ansible.builtin.import_playbook: [x], hosts: !env X}", "{}", "- []",
	} {
		f.Add(seed)
	}
	dir := f.TempDir()
	path := filepath.Join(dir, "p.yml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var p config.Problems
		book := Load(path, &config.Files{}, &p)
		book.Validate(conventional(), &p)
		book.Tags()
		for _, play := range book.Plays {
			play.Serial.Split(7)
			if p.Err() == nil && (play.Hosts == "" || len(play.Roles) == 0) {
				t.Errorf("%q has a play without hosts or roles, and no problem", text)
			}
		}
	})
}
