package modules_test

import (
	"errors"
	"io/fs"
	"slices"
	"testing"

	"github.com/pgrun/pgrun/modules"
)

// In check mode a service sees the file that would be written: so the reload
// or restart that follows is told before it is made.
func TestAServiceSeesWhatWouldBeWritten(t *testing.T) {
	h := etcdHost()
	if err := apply(t, h, etcd()); err != nil {
		t.Fatal(err)
	}
	p := modules.NewPreview(h)
	for _, m := range []modules.Module{
		modules.File{Path: "/etc/etcd/etcd.conf", Content: "conf 2"}, modules.File{Path: "/etc/etcd/cert.pem", Content: "cert 1"},
	} {
		change, err := m.Check(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			p.Foresee(change.Foresees)
		}
	}
	reload, restart, err := etcd().Stale(t.Context(), p)
	if err != nil || len(reload) > 0 || !slices.Equal(restart, []string{"/etc/etcd/etcd.conf"}) {
		t.Errorf("reload %v, restart %v, %v", reload, restart, err)
	}
	staleness(t, h, nil, nil) // the machine itself is as it was
}

func TestPreviewOfAFolder(t *testing.T) {
	h := etcdHost()
	p := modules.NewPreview(h)
	p.Foresee(modules.Foreseen{
		Files: map[string]modules.Content{"/etc/etcd/more.conf": {Path: "/etc/etcd/more.conf", Data: []byte("more"), Attributes: modules.Attributes{Mode: 0o600}}},
		Gone:  []string{"/etc/etcd/cert.pem"},
	})
	names, err := p.ReadDir(t.Context(), "/etc/etcd")
	if err != nil || !slices.Equal(names, []string{"etcd.conf", "more.conf"}) {
		t.Errorf("%v, %v", names, err)
	}
	if _, err := p.Lstat(t.Context(), "/etc/etcd/cert.pem"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that would be removed: %v", err)
	}
	stat, err := p.Lstat(t.Context(), "/etc/etcd/more.conf")
	if err != nil || stat.Mode != 0o600 || stat.Size != 4 || !stat.ModTime.After(h.Now()) {
		t.Errorf("%+v, %v", stat, err)
	}
}
