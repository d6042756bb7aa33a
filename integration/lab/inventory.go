package lab

import (
	"bytes"
	"crypto/rand"
	"embed"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed inventory.yml.tmpl
var files embed.FS

// write leaves in the folder what a pgrun command needs: inventory.yml, known_hosts and secrets.
func (l *Lab) write() error {
	var known strings.Builder
	for _, h := range l.Hosts {
		known.WriteString(h.knownHosts())
	}
	if err := os.WriteFile(filepath.Join(l.Dir, "known_hosts"), []byte(known.String()), 0o600); err != nil {
		return err
	}
	for _, name := range []string{"superuser", "replication", "rewind", "restapi", "app", "haproxy"} {
		if err := os.WriteFile(filepath.Join(l.Dir, "secrets", name), []byte(rand.Text()+"\n"), 0o600); err != nil {
			return err
		}
	}
	t, err := template.ParseFS(files, "inventory.yml.tmpl")
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, l); err != nil {
		return err
	}
	return os.WriteFile(l.Inventory(), text.Bytes(), 0o600)
}

// Secret reads one of the lab's passwords.
func (l *Lab) Secret(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(l.Dir, "secrets", name))
	return strings.TrimSpace(string(text)), err
}

// Postgres is the major version that the release has.
func (l *Lab) Postgres() string { return releases()[l.Release] }

// Databases are the hosts that carry etcd and PostgreSQL.
func (l *Lab) Databases() []*Host { return l.named("db") }

// Balancers are the hosts that clients connect to.
func (l *Lab) Balancers() []*Host { return l.named("lb") }

func (l *Lab) named(prefix string) (hosts []*Host) {
	for _, h := range l.Hosts {
		if strings.HasPrefix(h.Name, prefix) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}
