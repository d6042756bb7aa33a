package aptrepo

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

// apt reads no source at all when two have the same suite with different keys.
func TestAnotherSourceOfTheSameSuiteIsRefused(t *testing.T) {
	const list, sources = "/etc/apt/sources.list.d/pgdg.list", "/etc/apt/sources.list.d/pgdg.sources"
	const key = "/usr/share/postgresql-common/pgdg/apt.postgresql.org.asc"
	for name, c := range map[string]struct {
		file, text string
		refused    bool
	}{
		"a line":              {list, "deb [arch=amd64 signed-by=" + key + "] https://apt.postgresql.org/pub/repos/apt trixie-pgdg main\n", true},
		"in the main list":    {"/etc/apt/sources.list", "deb [ signed-by=" + key + " ] https://apt.postgresql.org/pub/repos/apt/ trixie-pgdg main\n", true},
		"with tabs":           {list, "deb\t[signed-by=" + key + "]\thttps://apt.postgresql.org/pub/repos/apt\ttrixie-pgdg main\n", true},
		"its sources":         {list, "deb-src [signed-by=" + key + "] https://apt.postgresql.org/pub/repos/apt trixie-pgdg main\n", true},
		"another suite":       {list, "deb [signed-by=" + key + "] https://apt.postgresql.org/pub/repos/apt bookworm-pgdg main\n", false},
		"another protocol":    {list, "deb [signed-by=" + key + "] http://apt.postgresql.org/pub/repos/apt trixie-pgdg main\n", false},
		"without a key":       {list, "deb https://apt.postgresql.org/pub/repos/apt trixie-pgdg main\n", false},
		"commented out":       {list, "# deb [signed-by=" + key + "] https://apt.postgresql.org/pub/repos/apt trixie-pgdg main\n", false},
		"the same key":        {list, "deb [signed-by=/etc/apt/keyrings/pgrun.asc] https://apt.postgresql.org/pub/repos/apt trixie-pgdg main\n", false},
		"a file apt ignores":  {list + ".save", "deb [signed-by=" + key + "] https://apt.postgresql.org/pub/repos/apt trixie-pgdg main\n", false},
		"pgrun's own":         {"/etc/apt/sources.list.d/pgrun.sources", "Types: deb\nURIs: https://apt.postgresql.org/pub/repos/apt\nSuites: trixie-pgdg\nSigned-By: /x\n", false},
		"a stanza":            {sources, "# x\nTypes: deb\nURIs: https://a/ https://apt.postgresql.org/pub/repos/apt/\nSuites: x\n trixie-pgdg\nComponents: main\nSigned-By: " + key + "\n", true},
		"a second stanza":     {sources, "Types: deb\nURIs: https://a/\nSuites: x\n\ntypes: deb\nuris: https://apt.postgresql.org/pub/repos/apt\nsuites: trixie-pgdg\nsigned-by:\n -----BEGIN\n .\n", true},
		"a stanza turned off": {sources, "Enabled: no\nTypes: deb\nURIs: https://apt.postgresql.org/pub/repos/apt\nSuites: trixie-pgdg\nSigned-By: " + key + "\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := fake.New()
			h.Put(c.file, c.text)
			_, err := inventory("").Apply(t, "db1", Name, h, true)
			if runner.IsRefused(err) != c.refused || !c.refused && err != nil {
				t.Fatalf("the error is %v", err)
			}
			if c.refused && (!strings.Contains(err.Error(), c.file) || !strings.Contains(err.Error(), "source: distribution")) {
				t.Errorf("it does not help: %v", err)
			}
		})
	}
}

func TestAnotherSourceLeavesNothingOfTheLast(t *testing.T) {
	for section, sources := range map[string]string{
		"source: distribution":                  "",
		"{source: folder, path: /srv/packages}": "URIs: file:/srv/packages",
	} {
		h := fake.New()
		h.Install(fake.Package{Name: "ca-certificates", Version: "1"})
		h.Put("/srv/packages/Packages", "")
		for _, section := range []string{"", section} {
			if steps, err := inventory(section).Apply(t, "db1", Name, h, false); err != nil {
				t.Fatalf("%v\n%s", err, steps)
			}
		}
		if _, err := h.Lstat(t.Context(), "/etc/apt/keyrings/pgrun.asc"); err == nil {
			t.Errorf("%s: the key is still there", section)
		}
		if text := h.Content("/etc/apt/sources.list.d/pgrun.sources"); !strings.Contains(text, sources) || strings.Contains(text, "apt.postgresql.org") {
			t.Errorf("%s: the source is %q", section, text)
		}
	}
}

// What lies in the folder is installed by root, unsigned.
func TestAFolderThatOthersCanWriteIsRefused(t *testing.T) {
	const folder, index = "/srv/packages", "/srv/packages/Packages"
	mode := func(mode fs.FileMode) modules.Attributes { return modules.Attributes{Mode: mode} }
	for name, c := range map[string]struct {
		spoil func(h *fake.Host)
		want  string // "" is no refusal
	}{
		"root's":                     {func(*fake.Host) {}, ""},
		"for others to write":        {func(h *fake.Host) { h.PutDir(folder, mode(0o777)) }, "chmod go-w /srv/packages"},
		"for others, sticky":         {func(h *fake.Host) { h.PutDir(folder, mode(fs.ModeSticky|0o777)) }, "chmod go-w /srv/packages"},
		"for a group to write":       {func(h *fake.Host) { h.PutDir(folder, mode(0o775)) }, "chmod go-w /srv/packages"},
		"somebody else's":            {func(h *fake.Host) { h.PutDir(folder, modules.Attributes{Owner: "bob"}) }, "/srv/packages belongs to bob"},
		"below somebody else's":      {func(h *fake.Host) { h.PutDir("/srv", modules.Attributes{Owner: "bob"}) }, "/srv belongs to bob"},
		"below one for all to write": {func(h *fake.Host) { h.PutDir("/srv", mode(0o777)) }, "chmod go-w /srv"},
		"an index for all to write":  {func(h *fake.Host) { h.Put(index, "", mode(0o666)) }, "chmod go-w /srv/packages/Packages"},
		"a package of another":       {func(h *fake.Host) { h.Put(folder+"/pool/a.deb", "", modules.Attributes{Owner: "bob"}) }, "chown root:root /srv/packages/pool/a.deb"},
		"a folder in it":             {func(h *fake.Host) { h.PutDir(folder+"/pool", mode(0o775)) }, "chmod go-w /srv/packages/pool"},
		"a link in it":               {func(h *fake.Host) { h.PutLink(folder+"/a.deb", "/home/bob/a.deb") }, "/srv/packages/a.deb is a symbolic link to /home/bob/a.deb"},
		"a link to it": {func(h *fake.Host) {
			h.Delete(index)
			h.PutDir("/data", mode(0o777))
			h.Put("/data/Packages", "")
			h.PutLink(folder, "/data")
		}, "/srv/packages is a symbolic link to /data"},
	} {
		h := fake.New()
		h.PutDir("/srv", mode(0o755))
		h.PutDir(folder, mode(0o755))
		h.Put(index, "")
		c.spoil(h)
		_, err := inventory("{source: folder, path: /srv/packages}").Apply(t, "db1", Name, h, true)
		if runner.IsRefused(err) != (c.want != "") || c.want != "" && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
