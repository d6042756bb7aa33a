package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/roles"
	"github.com/pgrun/pgrun/runner/control"
	"github.com/pgrun/pgrun/runner/ssh"
	"github.com/pgrun/pgrun/runner/worker"
)

// The inventories of playbooks/examples have no problems with any of the
// built-in playbooks.
func TestExamples(t *testing.T) {
	examples, err := filepath.Glob("playbooks/examples/*.yml")
	if err != nil || len(examples) == 0 {
		t.Fatalf("there are no examples: %v", err)
	}
	self := worker.Hook(roles.Registry())
	for _, example := range examples {
		for _, name := range playbooks.BuiltIns() {
			t.Run(filepath.Base(example)+" "+name, func(t *testing.T) {
				problems := &config.Problems{}
				hosts := inventory.Load([]string{withSecrets(t, example)}, nil, problems)
				_, err := control.Prepare(t.Context(), control.Options{
					Self: self, Registry: roles.Registry(), Inventory: hosts, Problems: problems,
					Playbook:  playbooks.Load(name, hosts.Files, problems),
					Transport: control.Remote{Self: self, Dialer: ssh.NewDialer(ssh.Options{})},
				})
				if err != nil {
					t.Error(err)
				}
				for _, warning := range problems.Warnings() {
					t.Logf("%+v", warning)
				}
			})
		}
	}
}

// withSecrets copies an inventory beside the secrets that it names.
func withSecrets(t *testing.T, example string) string {
	t.Helper()
	folder := t.TempDir()
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(folder, "inventory.yml")
	files := map[string][]byte{copied: text}
	for _, name := range []string{"superuser", "replication", "rewind", "restapi", "app", "statistics"} {
		files[filepath.Join(folder, "secrets", name)] = []byte("secret of " + name + "\n")
	}
	for path, content := range files {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return copied
}
