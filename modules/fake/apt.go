package fake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// aptGet knows update, install and the options that modules give.
func (h *Host) aptGet(c modules.Command) (string, error) {
	verb, names := aptWords(c.Argv[1:])
	switch verb {
	case "update":
		h.Put("/var/lib/apt/lists/mirror_debian_dists_trixie_InRelease", "")
		return "", nil
	case "install":
	default:
		return "", Exit(100, "E: Invalid operation "+verb)
	}
	var wanted []Package
	for _, word := range names {
		p, err := h.offer(word)
		if err != nil {
			return "", err
		}
		wanted = append(wanted, p)
	}
	for _, p := range wanted {
		if slices.Contains(c.Argv, "--download-only") {
			h.Put("/var/cache/apt/archives/"+modules.ArchiveName(p.Name, p.Version, cmp.Or(p.Arch, "amd64")), "")
			continue
		}
		if h.damaged(p.Name) {
			if !slices.Contains(c.Argv, "--reinstall") {
				continue // apt takes it for installed
			}
			p.Status = ""
		}
		h.unpack(p)
	}
	return "", nil
}

// damaged says whether dpkg was ended while it unpacked a package.
func (h *Host) damaged(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Contains(h.packages[name].Status, " reinstreq ")
}

func (h *Host) offer(word string) (Package, error) {
	name, version, pinned := strings.Cut(word, "=")
	name, _, _ = strings.Cut(name, ":")
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.offered[name]
	if !ok {
		if installed, there := h.packages[name]; there && !pinned {
			return installed, nil
		}
		return Package{}, Exit(100, "E: Unable to locate package "+name)
	}
	if pinned && !modules.VersionMatches(version, p.Version) {
		return Package{}, Exit(100, fmt.Sprintf("E: Version '%s' for '%s' was not found", version, name))
	}
	return p, nil
}

// aptWords returns the verb and what follows it, without options.
func aptWords(args []string) (verb string, names []string) {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "-o" || args[i] == "-t":
			i++
		case strings.HasPrefix(args[i], "-"):
		case verb == "":
			verb = args[i]
		default:
			names = append(names, args[i])
		}
	}
	return verb, names
}

func (h *Host) aptMark(c modules.Command) (string, error) {
	verb, names := aptWords(c.Argv[1:])
	wanted := map[string]string{"hold": "hold", "unhold": "install"}[verb]
	if wanted == "" {
		return "", Exit(1, "E: Invalid operation "+verb)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		p, ok := h.packages[name]
		if !ok {
			return "", Exit(100, "E: Unable to locate package "+name)
		}
		_, state, _ := strings.Cut(p.Status, " ")
		p.Status = wanted + " " + state
		h.packages[name] = p
	}
	return "", nil
}

// aptCache knows policy.
func (h *Host) aptCache(c modules.Command) (string, error) {
	verb, names := aptWords(c.Argv[1:])
	if verb != "policy" {
		return "", Exit(100, "E: Invalid operation "+verb)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var text strings.Builder
	for _, name := range names {
		installed, offered := h.packages[name].Version, h.offered[name].Version
		if installed == "" && offered == "" {
			continue
		}
		fmt.Fprintf(&text, "%s:\n  Installed: %s\n  Candidate: %s\n  Version table:\n",
			name, cmp.Or(installed, "(none)"), cmp.Or(offered, installed))
	}
	return text.String(), nil
}

// dpkg knows --configure -a.
func (h *Host) dpkg(c modules.Command) (string, error) {
	if !slices.Contains(c.Argv, "--configure") {
		return "", Exit(2, "dpkg: error: the fake host does not know this")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, p := range h.packages {
		if strings.HasSuffix(p.Status, " reinstreq unpacked") {
			return "", Exit(1, "dpkg: error processing package "+name+" (--configure):\n package is in a very bad inconsistent state; you should\n reinstall it before attempting configuration")
		}
		selection, _, _ := strings.Cut(p.Status, " ")
		p.Status = selection + " ok installed"
		h.packages[name] = p
	}
	for _, name := range h.below("/var/lib/dpkg/updates") {
		delete(h.files, "/var/lib/dpkg/updates/"+name)
	}
	return "", nil
}
