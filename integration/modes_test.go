//go:build integration

package integration

import (
	"slices"
	"strings"
	"testing"
)

// Owners and modes that somebody changed by hand are taken back and told, and nothing restarts for it.
func modes(t *testing.T, c *cluster) {
	before := c.invocations(t)
	db, lb := c.Databases()[0], c.Host("lb1")
	etcd := "/var/lib/etcd/" + c.Name
	data := strings.TrimSpace(on(t, db, "sh", "-c", "ls -d /var/lib/postgresql/*/"+c.Name))
	on(t, db, "chmod", "0755", data)
	on(t, db, "chmod", "0666", "/etc/etcd/etcd.yml")
	on(t, db, "chown", "nobody", etcd)
	on(t, lb, "chmod", "0777", "/etc/systemd/system/haproxy.service.d/pgrun.conf")
	want := []string{
		db.Name + " postgres: directory " + data,
		db.Name + " etcd: file /etc/etcd/etcd.yml",
		db.Name + " etcd: directory " + etcd,
		lb.Name + " haproxy: file /etc/systemd/system/haproxy.service.d/pgrun.conf",
	}
	got := c.site(t).want(t, 0).changes()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the run changes\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for path, is := range map[string]string{data: "700 postgres", "/etc/etcd/etcd.yml": "644 root", etcd: "700 etcd"} {
		if now := strings.TrimSpace(on(t, db, "stat", "--format", "%a %U", path)); now != is {
			t.Errorf("%s is %s, not %s", path, now, is)
		}
	}
	c.site(t).unchanged(t, len(c.Hosts))
	c.still(t, before)
}
