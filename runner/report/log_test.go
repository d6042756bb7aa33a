package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/report"
)

// TestLogIsItsOwnersOnly: the log has all diffs in it, also when the file was
// there before.
func TestLogIsItsOwnersOnly(t *testing.T) {
	folder := t.TempDir()
	old, link := filepath.Join(folder, "old"), filepath.Join(folder, "link")
	if err := os.WriteFile(old, []byte("before\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(old, link); err != nil {
		t.Fatal(err)
	}
	if _, err := report.Log(link); err == nil || !strings.Contains(err.Error(), "is a link: name the file itself") {
		t.Errorf("link: %v", err)
	}
	for _, path := range []string{old, filepath.Join(folder, "new")} {
		log, err := report.Log(path)
		if err != nil {
			t.Fatal(err)
		}
		log.Event(runner.Event{Event: runner.EventNote, Why: "hello"})
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if text, _ := os.ReadFile(old); !strings.HasPrefix(string(text), "before\n{") {
		t.Errorf("%s", text)
	}
}
