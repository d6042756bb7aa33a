//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/moduletest"
)

func rooted(t *testing.T) (*Host, string) {
	t.Helper()
	root := t.TempDir()
	h := New(Options{Root: root})
	t.Cleanup(func() { _ = h.Close() })
	must(t, os.Mkdir(filepath.Join(root, "etc"), 0o755))
	return h, root
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tree describes all that is below a folder.
func tree(root string) string {
	var text strings.Builder
	_ = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content, _ := os.ReadFile(name)
		fmt.Fprintf(&text, "%s %s %q\n", strings.TrimPrefix(name, root), info.Mode(), content)
		return nil
	})
	return text.String()
}

func TestConformance(t *testing.T) {
	mode := modules.Attributes{Mode: 0o640}
	write := func(name, content string) func(t *testing.T, root string) {
		return func(t *testing.T, root string) {
			t.Helper()
			must(t, os.WriteFile(filepath.Join(root, name), []byte(content), 0o644))
		}
	}
	for name, c := range map[string]struct {
		module  modules.Module
		arrange func(t *testing.T, root string)
	}{
		"file":                {modules.File{Path: "/etc/x", Content: "a\n", Attributes: mode}, nil},
		"file that differs":   {modules.File{Path: "/etc/x", Content: "a\n"}, write("etc/x", "b\n")},
		"file of other mode":  {modules.File{Path: "/etc/x", Content: "a\n", Attributes: mode}, write("etc/x", "a\n")},
		"file that is valid":  {modules.File{Path: "/etc/x", Content: "a\n", Validate: []string{"grep", "-q", "a", "{}"}}, nil},
		"file absent":         {modules.File{Path: "/etc/x", Absent: true}, write("etc/x", "a\n")},
		"file of a long name": {modules.File{Path: "/etc/" + strings.Repeat("x", 255), Content: "a\n"}, nil},
		"file of a wide name": {modules.File{Path: "/etc/" + strings.Repeat("ä", 127), Content: "a\n"}, nil},
		"file of a number": {modules.File{Path: "/etc/x", Content: "a\n", Attributes: modules.Attributes{
			Owner: strconv.Itoa(os.Getuid()), Group: strconv.Itoa(os.Getgid()),
		}}, nil},
		"file of a wild name":  {modules.File{Path: "/etc/-$(id) 'x'\n", Content: "$(id)\n`id`'\"\\\n"}, nil},
		"template":             {modules.Template{Path: "/etc/x", Text: "{{ . }}", Data: "a"}, nil},
		"directory":            {modules.Directory{Path: "/var/lib/x", Attributes: modules.Attributes{Mode: 0o2750}}, nil},
		"directory, no setgid": {modules.Directory{Path: "/etc", Attributes: modules.Attributes{Mode: 0o700}}, nil},
		"symlink":              {modules.Symlink{Path: "/etc/x", Target: "$(id)"}, nil},
		"symlink elsewhere": {modules.Symlink{Path: "/etc/x", Target: "y"}, func(t *testing.T, root string) {
			t.Helper()
			must(t, os.Symlink("z", filepath.Join(root, "etc/x")))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h, root := rooted(t)
			if c.arrange != nil {
				c.arrange(t, root)
			}
			moduletest.Conform(t, h, c.module, func() string { return tree(root) })
		})
	}
}

func TestWriteFileThatIsNotValidLeavesTheOldOne(t *testing.T) {
	h, root := rooted(t)
	must(t, os.WriteFile(filepath.Join(root, "etc/x"), []byte("old"), 0o600))
	before := tree(root)
	err := h.WriteFile(context.Background(), modules.Content{
		Path: "/etc/x", Data: []byte("new"), Validate: []string{"cat", "{}", "/nothing"},
	})
	var exit *modules.ExitError
	if !errors.As(err, &exit) || !strings.Contains(err.Error(), "/etc/x is not valid and was not written: cat /etc/x /nothing exited with 1") {
		t.Error(err)
	}
	if after := tree(root); after != before {
		t.Errorf("it left:\n%s", after)
	}
}

func TestWriteFileKeepsTheAttributesOfTheOldOne(t *testing.T) {
	h, root := rooted(t)
	must(t, os.WriteFile(filepath.Join(root, "etc/x"), []byte("old"), 0o600))
	must(t, os.WriteFile(filepath.Join(root, "etc/.x.pgrun-dead"), []byte("of a run that was killed"), 0o600))
	must(t, h.WriteFile(context.Background(), modules.Content{Path: "/etc/x", Data: []byte("new")}))
	if got := tree(filepath.Join(root, "etc")); !strings.HasSuffix(got, "\n/x -rw------- \"new\"\n") || strings.Contains(got, "dead") {
		t.Error(got)
	}
}

func TestMakeDirBeginsNothingThatItCannotEnd(t *testing.T) {
	h, root := rooted(t)
	before := tree(root)
	err := h.MakeDir(context.Background(), "/etc/x/y", modules.Attributes{Owner: "no-such-user"})
	if err == nil || !strings.Contains(err.Error(), `there is no user "no-such-user"`) {
		t.Error(err)
	}
	if after := tree(root); after != before {
		t.Errorf("it left:\n%s", after)
	}
}

func TestWriteFileNeedsItsFolder(t *testing.T) {
	h, _ := rooted(t)
	err := h.WriteFile(context.Background(), modules.Content{Path: "/none/x"})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// Links lead to other places only where nobody else can have made them.
func TestLinksInFoldersOfOthers(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		mode    fs.FileMode
		follows bool
	}{"of our own": {0o755, true}, "of everybody": {0o777, false}, "of a group": {0o775, false}} {
		h, root := rooted(t)
		shared := filepath.Join(root, "shared")
		must(t, os.Mkdir(shared, 0o755))
		must(t, os.WriteFile(filepath.Join(root, "etc/secret"), []byte("secret"), 0o600))
		must(t, os.Symlink("../etc/secret", filepath.Join(shared, "file")))
		must(t, os.Symlink("/etc", filepath.Join(shared, "folder")))
		must(t, os.Chmod(shared, c.mode))
		for what, do := range map[string]func() error{
			"read through a file":   func() error { _, err := h.ReadFile(ctx, "/shared/file", 0); return err },
			"read through a folder": func() error { _, err := h.ReadFile(ctx, "/shared/folder/secret", 0); return err },
			"list":                  func() error { _, err := h.ReadDir(ctx, "/shared/folder"); return err },
			"write":                 func() error { return h.WriteFile(ctx, modules.Content{Path: "/shared/folder/x"}) },
			"make a folder":         func() error { return h.MakeDir(ctx, "/shared/folder/y", modules.Attributes{}) },
		} {
			if err := do(); (err == nil) != c.follows {
				t.Errorf("%s in a folder %s: %v", what, name, err)
			}
		}
		if err := h.WriteFile(ctx, modules.Content{Path: "/shared/file", Data: []byte("x")}); err == nil || !strings.Contains(err.Error(), "not written through it") {
			t.Errorf("writing through a link: %v", err)
		}
		if err := h.SetAttributes(ctx, "/shared/file", modules.Attributes{Mode: 0o777}); err == nil {
			t.Error("a link's target gets the mode")
		}
		if text, _ := os.ReadFile(filepath.Join(root, "etc/secret")); string(text) != "secret" {
			t.Errorf("the target is %q", text)
		}
	}
}

func TestSetAttributesSparesHardLinksOfOthers(t *testing.T) {
	h, root := rooted(t)
	must(t, os.Mkdir(filepath.Join(root, "shared"), 0o755))
	must(t, os.WriteFile(filepath.Join(root, "etc/x"), nil, 0o600))
	must(t, os.Link(filepath.Join(root, "etc/x"), filepath.Join(root, "shared/x")))
	must(t, os.Chmod(filepath.Join(root, "shared"), 0o777))
	if err := h.SetAttributes(context.Background(), "/shared/x", modules.Attributes{Mode: 0o666}); err == nil {
		t.Error("no error")
	}
}

func TestLinkLoopEnds(t *testing.T) {
	h, root := rooted(t)
	must(t, os.Symlink("loop", filepath.Join(root, "etc/loop")))
	if _, err := h.ReadFile(context.Background(), "/etc/loop", 0); !errors.Is(err, unix.ELOOP) {
		t.Error(err)
	}
	if _, err := h.ReadDir(context.Background(), "/etc/loop/x"); !errors.Is(err, unix.ELOOP) {
		t.Error(err)
	}
}

func TestReadFile(t *testing.T) {
	ctx := context.Background()
	h, root := rooted(t)
	must(t, os.WriteFile(filepath.Join(root, "etc/x"), []byte("12345"), 0o600))
	must(t, unix.Mkfifo(filepath.Join(root, "etc/pipe"), 0o600))
	if text, err := h.ReadFile(ctx, "/etc/x", 5); err != nil || string(text) != "12345" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := h.ReadFile(ctx, "/etc/x", 4); err == nil {
		t.Error("a file above the limit is read")
	}
	if _, err := h.ReadFile(ctx, "/etc/pipe", 0); err == nil {
		t.Error("a pipe is read")
	}
	if _, err := h.ReadFile(ctx, "/etc", 0); !errors.Is(err, unix.EISDIR) {
		t.Error(err)
	}
	if _, err := h.ReadFile(ctx, "/etc/none", 0); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if names, err := h.ReadDir(ctx, "/etc"); err != nil || !slices.Equal(names, []string{"pipe", "x"}) {
		t.Errorf("%v, %v", names, err)
	}
}

func TestRemove(t *testing.T) {
	ctx := context.Background()
	h, root := rooted(t)
	must(t, os.MkdirAll(filepath.Join(root, "etc/a/b"), 0o755))
	if err := h.Remove(ctx, "/etc/a"); !errors.Is(err, unix.ENOTEMPTY) {
		t.Error(err)
	}
	for _, name := range []string{"/etc/a/b", "/etc/a", "/etc/a", "/none/x"} {
		if err := h.Remove(ctx, name); err != nil {
			t.Error(err)
		}
	}
}

func TestFullDiskIsExplained(t *testing.T) {
	h, _ := rooted(t)
	d, err := h.open("/etc")
	must(t, err)
	defer d.close()
	err = d.explain("/etc/x", 4096, unix.ENOSPC)
	var hint *modules.HintError
	if !errors.As(err, &hint) || !strings.Contains(err.Error(), "write /etc/x: no space left on device (4096 bytes needed; ") || !strings.Contains(err.Error(), "inodes are free in /etc") {
		t.Error(err)
	}
}
