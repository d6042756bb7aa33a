//go:build integration

package integration

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestRelease builds a release of the same commit in two folders: the bytes are the same, and all that belongs to a
// release is there.
func TestRelease(t *testing.T) {
	var sums [2][]byte
	var dist string
	for i := range sums {
		clone := filepath.Join(t.TempDir(), strings.Repeat("folder", i+1))
		command(t, "", "git", "clone", "--quiet", "--no-hardlinks", "..", clone)
		command(t, clone, "make", "release", "ARCHES="+runtime.GOARCH)
		dist = filepath.Join(clone, "dist")
		command(t, dist, "sha256sum", "--check", "--strict", "SHA256SUMS")
		sums[i] = read(t, filepath.Join(dist, "SHA256SUMS"))
	}
	if !bytes.Equal(sums[0], sums[1]) {
		t.Errorf("two builds differ:\n%s\n%s", sums[0], sums[1])
	}
	for _, name := range []string{"pgrun-linux-" + runtime.GOARCH, "THIRD-PARTY.txt", "pgrun.cdx.json"} {
		if !strings.Contains(string(sums[0]), "  "+name+"\n") {
			t.Errorf("%s has no checksum:\n%s", name, sums[0])
		}
	}
	var bill struct {
		BomFormat  string
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(read(t, filepath.Join(dist, "pgrun.cdx.json")), &bill); err != nil || bill.BomFormat != "CycloneDX" || len(bill.Components) < 10 {
		t.Errorf("the bill of materials is %+v, %v", bill, err)
	}
	notices := string(read(t, filepath.Join(dist, "THIRD-PARTY.txt")))
	for _, c := range bill.Components {
		if !strings.Contains(notices, "\n"+c.Name+" "+c.Version+" (") {
			t.Errorf("%s %s is in the binary, and its licence is not in THIRD-PARTY.txt", c.Name, c.Version)
		}
	}
}

func command(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
