package fake

import (
	"cmp"
	"crypto/md5" // what dpkg keeps of configuration files
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// Package is a Debian package of the machine or of its package sources.
type Package struct {
	Name    string
	Version string
	Arch    string // "" is amd64
	Status  string // "" is "install ok installed"
	Units   []string
	Files   map[string]string
	Users   []string // accounts with a group of the same name
}

// Install puts packages on the machine without recording it.
func (h *Host) Install(packages ...Package) {
	for _, p := range packages {
		h.unpack(p)
	}
}

// Offer puts packages into the machine's package sources: apt-get installs
// them, and refuses what is not offered. It also makes the lists look fresh.
func (h *Host) Offer(packages ...Package) {
	h.Put("/var/lib/apt/lists/mirror_debian_dists_trixie_InRelease", "")
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range packages {
		h.offered[p.Name] = p
	}
}

func (h *Host) unpack(p Package) {
	for name, content := range p.Files {
		h.Put(name, content)
	}
	for _, unit := range p.Units {
		h.Put(unitFile(unit), "[Unit]\n")
	}
	for _, user := range p.Users {
		_, _ = h.groupadd(modules.Command{Argv: []string{"groupadd", "--system", user}})
		_, _ = h.useradd(modules.Command{Argv: []string{"useradd", "--system", "--gid", user, user}})
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	p.Arch = cmp.Or(p.Arch, "amd64")
	p.Status = cmp.Or(p.Status, "install ok installed")
	if old, ok := h.packages[p.Name]; ok && strings.HasPrefix(old.Status, "hold ") {
		p.Status = old.Status
	}
	h.packages[p.Name] = p
}

// status writes the package table as dpkg does.
func (h *Host) status() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h.packages)) {
		p := h.packages[name]
		fmt.Fprintf(&text, "Package: %s\nStatus: %s\nArchitecture: %s\nVersion: %s\n%sDescription: %s\n of the fake host\n\n",
			p.Name, p.Status, p.Arch, p.Version, p.conffiles(), p.Name)
	}
	return text.String()
}

// conffiles lists what lies below /etc, as dpkg does.
func (p Package) conffiles() string {
	lines := ""
	for _, name := range slices.Sorted(maps.Keys(p.Files)) {
		if strings.HasPrefix(name, "/etc/") {
			lines += fmt.Sprintf(" %s %x\n", name, md5.Sum([]byte(p.Files[name]))) // dpkg's choice
		}
	}
	if lines == "" {
		return ""
	}
	return "Conffiles:\n" + lines
}
