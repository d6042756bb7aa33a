package main_test

import (
	"os"
	"path/filepath"
	"strings"
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
	for _, example := range examples {
		text, err := os.ReadFile(example)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range playbooks.BuiltIns() {
			t.Run(filepath.Base(example)+" "+name, func(t *testing.T) { prepare(t, text, name) })
		}
	}
}

// Nor has the inventory of the README.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n```yaml\nall:\n")
	example, _, found := strings.Cut(rest, "\n```\n")
	if !found {
		t.Fatal("the README has no inventory")
	}
	// Nobody who runs the tests has this secret.
	example = strings.ReplaceAll(example, "!command [pass, show, haproxy]", "!command [echo, secret]")
	t.Setenv("APP_PASSWORD", "secret")
	prepare(t, []byte("all:\n"+example), "site.yml")
}

// prepare does all of a run that can be done without a host.
func prepare(t *testing.T, text []byte, playbook string) {
	t.Helper()
	self := worker.Hook(roles.Registry())
	problems := &config.Problems{}
	var extra []string
	switch playbook {
	case "reinit.yml", "remove-node.yml": // which want to be told whom
		extra = []string{"host=db2"}
	}
	hosts := inventory.Load([]string{withSecrets(t, text)}, extra, problems)
	_, err := control.Prepare(t.Context(), control.Options{
		Self: self, Registry: roles.Registry(), Inventory: hosts, Problems: problems,
		Playbook:  playbooks.Load(playbook, hosts.Files, problems),
		Transport: control.Remote{Self: self, Dialer: ssh.NewDialer(ssh.Options{})},
	})
	if err != nil {
		t.Error(err)
	}
}

// withSecrets writes an inventory beside the secrets that it names.
func withSecrets(t *testing.T, text []byte) string {
	t.Helper()
	folder := t.TempDir()
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
