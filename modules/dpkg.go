package modules

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Package is a package as dpkg's status has it.
type Package struct {
	Name      string
	Arch      string
	Version   string
	Selection string // what is wanted: install, hold, deinstall, purge
	State     string // installed, unpacked, half-configured, config-files, ...
	Damaged   bool   // dpkg was ended while it unpacked: it must be installed again
}

// Installed says whether the package's files are in use. One that only waits
// for triggers is.
func (p Package) Installed() bool {
	return slices.Contains([]string{"installed", "triggers-pending", "triggers-awaited"}, p.State)
}

// Interrupted says whether dpkg was ended while it worked on the package.
func (p Package) Interrupted() bool {
	return slices.Contains([]string{"half-installed", "half-configured", "unpacked", "triggers-pending", "triggers-awaited"}, p.State)
}

// packageTable has packages by name:arch, and by the name alone.
type packageTable map[string]Package

func (t packageTable) add(p Package) {
	if p.Name != "" {
		t[p.Name+":"+p.Arch] = p
	}
}

// nameAlone adds the names alone, for what apt takes them for: the package of
// the machine's own architecture, which is that of dpkg itself, or of all.
func (t packageTable) nameAlone() packageTable {
	native := ""
	for _, p := range t {
		if p.Name == "dpkg" && p.Installed() {
			native = p.Arch
		}
	}
	for _, key := range slices.Sorted(maps.Keys(t)) {
		p := t[key]
		if native != "" && !slices.Contains([]string{native, "all", ""}, p.Arch) {
			continue
		}
		if have, ok := t[p.Name]; !ok || !have.Installed() {
			t[p.Name] = p
		}
	}
	return t
}

// InstalledPackages reads dpkg's status file and its journal, which dpkg
// leaves when it is interrupted. Keys are name and name:arch; packages that
// are not fully installed are there too.
func InstalledPackages(ctx context.Context, r Reader) (map[string]Package, error) {
	table := packageTable{}
	status, err := r.ReadFile(ctx, "/var/lib/dpkg/status", 4*MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return table, nil
	}
	if err != nil {
		return nil, err
	}
	parseStatus(status, table)
	journal, err := dpkgJournal(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, name := range journal {
		text, err := r.ReadFile(ctx, "/var/lib/dpkg/updates/"+name, MaxFile)
		if errors.Is(err, fs.ErrNotExist) { // a dpkg that runs now has merged it
			continue
		}
		if err != nil {
			return nil, err
		}
		parseStatus(text, table)
	}
	return table.nameAlone(), nil
}

// InstalledVersion returns the version of a package, "" when it is not installed.
func InstalledVersion(ctx context.Context, r Reader, name string) (string, error) {
	table, err := InstalledPackages(ctx, r)
	if err != nil {
		return "", err
	}
	if p := table[name]; p.Installed() {
		return p.Version, nil
	}
	return "", nil
}

// dpkgJournal lists the files of dpkg's journal in the order of their writing.
func dpkgJournal(ctx context.Context, r Reader) ([]string, error) {
	names, err := r.ReadDir(ctx, "/var/lib/dpkg/updates")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(names, func(name string) bool { // tmp.i is a file in the making
		_, err := strconv.Atoi(name)
		return err != nil
	}), nil
}

// parseStatus reads the four fields that count and skips the rest, since the
// file is some megabytes and read in every run.
func parseStatus(text []byte, into packageTable) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	var p Package
	for lines.Scan() {
		line := lines.Bytes()
		switch {
		case len(line) == 0:
			into.add(p)
			p = Package{}
		case line[0] == ' ' || line[0] == '\t':
		case bytes.HasPrefix(line, []byte("Package: ")):
			p.Name = string(line[len("Package: "):])
		case bytes.HasPrefix(line, []byte("Architecture: ")):
			p.Arch = string(line[len("Architecture: "):])
		case bytes.HasPrefix(line, []byte("Version: ")):
			p.Version = string(line[len("Version: "):])
		case bytes.HasPrefix(line, []byte("Status: ")):
			words := strings.Fields(string(line[len("Status: "):]))
			if len(words) == 3 {
				p.Selection, p.Damaged, p.State = words[0], words[1] == "reinstreq", words[2]
			}
		}
	}
	into.add(p)
}
