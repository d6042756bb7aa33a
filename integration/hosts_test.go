//go:build integration || bench

package integration

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/client"
	"github.com/pgrun/pgrun/integration/lab"
)

// cluster is a lab and what the steps of a test know about it.
type cluster struct {
	*lab.Lab
}

// hosts brings a lab up for one test.
func hosts(t *testing.T, config lab.Config) *cluster {
	t.Helper()
	if config.Dir == "" {
		config.Dir = folder(t)
	}
	if len(config.Hosts) == 0 {
		config.Hosts = lab.Default().Hosts
	}
	config.Name = "test-" + config.Name
	l, err := lab.Up(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() && os.Getenv("PGRUN_KEEP") != "" {
			return
		}
		if err := l.Down(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &cluster{l}
}

// folder is for the inventory and the key: a temporary one, unless the hosts are to stay.
func folder(t *testing.T) string {
	t.Helper()
	if os.Getenv("PGRUN_KEEP") == "" {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp("", "pgrun-kept-")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the inventory is in %s", dir)
	return dir
}

// site runs the built-in site.yml on the lab, with JSON on stdout.
func (c *cluster) site(t *testing.T, args ...string) result {
	t.Helper()
	return pgrun(t, append([]string{"site.yml", "-i", c.Inventory(), "--output", "json"}, args...)...)
}

// overlay writes a second inventory: further variables of the database hosts.
func (c *cluster) overlay(t *testing.T, vars string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "overlay.yml")
	text := "postgres:\n  vars:\n    " + strings.ReplaceAll(strings.TrimSpace(vars), "\n", "\n    ") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// endpoint is the balancer's, as the application sees it.
func (c *cluster) endpoint(t *testing.T, port int) client.Endpoint {
	t.Helper()
	password, err := c.Secret("app")
	if err != nil {
		t.Fatal(err)
	}
	return client.Endpoint{Host: c.Balancers()[0].Address.String(), Port: port, User: "app", Password: password, Database: "app"}
}

// on runs a command on a host, past pgrun and sshd.
func on(t *testing.T, h *lab.Host, argv ...string) string {
	t.Helper()
	out, err := h.Exec(t.Context(), argv...)
	if err != nil {
		t.Fatalf("%s: %v", h.Name, err)
	}
	return strings.TrimSpace(out)
}

// sql asks a host's own PostgreSQL.
func sql(t *testing.T, h *lab.Host, query string) string {
	t.Helper()
	return on(t, h, "runuser", "-u", "postgres", "--", "psql", "-XAtqc", query)
}

// eventually asks until the answer is right, and fails with the last answer when the time is up.
func eventually(t *testing.T, within time.Duration, ask func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %v", within, err)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// leader is who takes writes at the moment.
func (c *cluster) leader(t *testing.T) *lab.Host {
	t.Helper()
	var leader *lab.Member
	eventually(t, time.Minute, func(ctx context.Context) error {
		members, err := c.Members(ctx)
		if leader = lab.Leader(members); err == nil && leader == nil {
			err = errors.New("no leader")
		}
		return err
	})
	return c.Host(leader.Name)
}

// whole waits until every database host is a running member, one of them the leader, the others streaming.
func (c *cluster) whole(t *testing.T, within time.Duration) []lab.Member {
	t.Helper()
	var members []lab.Member
	eventually(t, within, func(ctx context.Context) (err error) {
		if members, err = c.Members(ctx); err != nil {
			return err
		}
		leader := lab.Leader(members)
		if leader == nil || len(members) != len(c.Databases()) {
			return fmt.Errorf("members: %+v", members)
		}
		for _, m := range members {
			if m.Timeline != leader.Timeline || (m.Name != leader.Name && m.State != "streaming") {
				return fmt.Errorf("%s does not follow: %+v", m.Name, members)
			}
		}
		return nil
	})
	return members
}

var errLocked = errors.New("another run holds a host's lock")
