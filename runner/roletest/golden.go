package roletest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/aymanbagabas/go-udiff"
)

// update is read by flag.Parse of the test's main; it must be known before.
var update = flag.Bool("update", false, "write the golden files anew")

// Golden compares text with testdata/<name>.golden, or writes it with -update.
func Golden(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if string(want) != text {
		t.Errorf("%s differs (write it with -update):\n%s", path, udiff.Unified("golden", "now", string(want), text))
	}
}
