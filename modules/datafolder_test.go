package modules_test

import (
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

func TestSystemFolder(t *testing.T) {
	for folder, refused := range map[string]bool{
		"/": true, "/etc": true, "/usr": true, "/home": true, "/var": true, "/root": true, "/tmp": true, "/proc": true,
		"/var/lib": true, "/var/lib/dpkg": true, "/var/log": true, "/var/tmp": true, "/run": true, "/opt": true, "/boot": true, "/lib": true,
		"/etc/etcd": true, "/usr/local/pg": true, "/tmp/pg": true, "/proc/1": true, "/root/pg": true, "/run/pg": true, "/dev/shm": true,
		"/var/lib/postgresql": false, "/var/lib/etcd/main": false, "/data": false, "/srv": false, "/mnt": false, "/mnt/pg": false,
		"/home/pg/data": false, "/opt/pg": false, "/pgdata": false, "/etcd": false, "/var/lib/dpkg2": false, "/var/log/pg": false,
	} {
		if why := modules.SystemFolder(folder); (why != "") != refused {
			t.Errorf("%s: %q", folder, why)
		}
	}
}

func TestSomebodyElses(t *testing.T) {
	h := fake.New()
	h.PutDir("/new", modules.Attributes{})
	h.PutDir("/disk/lost+found", modules.Attributes{})
	h.Put("/ours/17/x", "")
	h.Put("/theirs/17/x", "")
	h.Put("/theirs/letter", "")
	h.PutDir("/bobs", modules.Attributes{Owner: "bob"})
	h.Put("/bobs/letter", "")
	h.PutDir("/pg", modules.Attributes{Owner: "postgres"})
	h.Put("/pg/letter", "")
	for folder, want := range map[string]string{
		"/absent": "", "/new": "", "/disk": "", "/ours": "", "/pg": "", "/theirs": "root", "/bobs": "bob",
	} {
		if owner, err := modules.SomebodyElses(t.Context(), h, folder, "postgres", "17"); err != nil || owner != want {
			t.Errorf("%s: %q, %v", folder, owner, err)
		}
	}
}
