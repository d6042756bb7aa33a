// Command release writes what goes with the binaries of a release: the
// licences of the modules in them, a bill of materials, and checksums of all.
package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

// licence is how files with a licence or a notice are called.
var licence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|copyright)(\.|-|$)`)

func main() {
	if err := write("dist"); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func write(dist string) error {
	binaries, err := filepath.Glob(filepath.Join(dist, "pgrun-*-*"))
	if err != nil || len(binaries) == 0 {
		return errors.Join(err, fmt.Errorf("no binary in %s", dist))
	}
	modules, err := modulesOf(binaries)
	if err != nil {
		return err
	}
	notices, err := notices(modules)
	if err != nil {
		return err
	}
	bill, err := bill(modules)
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"THIRD-PARTY.txt": notices, "pgrun.cdx.json": bill} {
		if err := os.WriteFile(filepath.Join(dist, name), data, 0o644); err != nil {
			return err
		}
	}
	return checksums(dist)
}

// modulesOf reads from the binaries themselves what is in them.
func modulesOf(binaries []string) ([]*debug.Module, error) {
	var list []*debug.Module
	for _, name := range binaries {
		info, err := buildinfo.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for _, m := range info.Deps {
			if m.Replace != nil {
				return nil, fmt.Errorf("%s: %s is replaced: a release is built of published modules", name, m.Path)
			}
			if !slices.ContainsFunc(list, func(other *debug.Module) bool { return *other == *m }) {
				list = append(list, m)
			}
		}
	}
	slices.SortFunc(list, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

// notices are the texts that the licences ask to hand on, Go's own first.
func notices(modules []*debug.Module) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("pgrun holds code of others, under these licences.\n")
	root, err := output("go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	if err := notice(&text, "Go's standard library", root); err != nil {
		return nil, err
	}
	for _, m := range modules {
		folder, err := output("go", "list", "-m", "-f", "{{.Dir}}", m.Path)
		if err != nil {
			return nil, err
		}
		if err := notice(&text, m.Path+" "+m.Version, folder); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

func notice(text *bytes.Buffer, name, folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	found := false
	for _, e := range entries {
		if e.IsDir() || !licence.MatchString(e.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(text, "\n%s\n%s (%s)\n\n%s\n", strings.Repeat("=", 72), name, e.Name(), bytes.TrimSpace(data))
		found = true
	}
	if !found {
		return fmt.Errorf("%s has no licence in %s", name, folder)
	}
	return nil
}

// bill lists the modules in the form of CycloneDX 1.5.
func bill(modules []*debug.Module) ([]byte, error) {
	type component struct {
		Type    string `json:"type"`
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
		Package string `json:"purl,omitempty"`
	}
	list := []component{}
	for _, m := range modules {
		list = append(list, component{"library", m.Path, m.Version, "pkg:golang/" + m.Path + "@" + m.Version})
	}
	return json.MarshalIndent(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
		"metadata":   map[string]any{"component": component{Type: "application", Name: "pgrun"}},
		"components": list,
	}, "", "  ")
}

// checksums writes them in the form that `sha256sum --check` reads.
func checksums(dist string) error {
	const name = "SHA256SUMS"
	entries, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	for _, e := range entries {
		if e.Name() == name || strings.HasPrefix(e.Name(), name+".") { // a signature of an earlier one
			continue
		}
		data, err := os.ReadFile(filepath.Join(dist, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	return os.WriteFile(filepath.Join(dist, name), text.Bytes(), 0o644)
}

func output(program string, args ...string) (string, error) {
	out, err := exec.Command(program, args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%s: %w: %s", program, err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}
