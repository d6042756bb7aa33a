package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

func (m Packages) plan(ctx context.Context, r Reader) (*plan, error) {
	installed, err := InstalledPackages(ctx, r)
	if err != nil {
		return nil, err
	}
	candidates := map[string]string{}
	if m.Latest || m.Fetch {
		if candidates, err = Candidates(ctx, r, m.Names...); err != nil {
			return nil, err
		}
	}
	p := &plan{}
	for _, name := range m.Names {
		m.planOne(p, name, installed[name], candidates[name])
	}
	if m.Fetch {
		return p, p.dropFetched(ctx, r, candidates)
	}
	return p, nil
}

func (m Packages) planOne(p *plan, name string, have Package, candidate string) {
	wanted, reason := m.lacks(name, have, candidate)
	if reason != "" {
		m.add(p, name, wanted, have, candidate, reason)
	}
	if !m.Hold || m.Fetch || reason == "" && have.Selection == "hold" {
		return
	}
	p.hold = append(p.hold, name)
	if reason == "" {
		p.reasons = append(p.reasons, name+" is not held")
	}
}

// lacks says why a package has to be installed, and in which version if one
// is wanted; no reason when it need not.
func (m Packages) lacks(name string, have Package, candidate string) (wanted, reason string) {
	wanted = m.Versions[name]
	if !have.Installed() {
		return wanted, name + " is not installed"
	}
	if wanted == "" && m.Latest {
		wanted = candidate
	}
	if wanted == "" || VersionMatches(wanted, have.Version) {
		return "", ""
	}
	return wanted, fmt.Sprintf("%s is %s, not %s", name, have.Version, wanted)
}

func (m Packages) add(p *plan, name, wanted string, have Package, candidate, reason string) {
	word, version := name, candidate
	if wanted != "" {
		word, version = name+"="+wanted, wanted
	}
	p.install = append(p.install, word)
	p.reasons = append(p.reasons, reason)
	if have.Installed() {
		p.before = append(p.before, name+" "+have.Version)
	}
	p.held = p.held || (m.Hold || m.Fetch) && have.Selection == "hold"
	p.after = append(p.after, strings.TrimSpace(name+" "+version))
}

// dropFetched leaves out what lies in apt's archive already.
func (p *plan) dropFetched(ctx context.Context, r Reader, candidates map[string]string) error {
	files, err := r.ReadDir(ctx, "/var/cache/apt/archives")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var kept plan
	for i, word := range p.install {
		name, version, pinned := strings.Cut(word, "=")
		if candidate := candidates[name]; !pinned || VersionMatches(version, candidate) {
			version = candidate
		}
		if version != "" && fetched(files, name, version) {
			continue
		}
		kept.install = append(kept.install, word)
		kept.reasons = append(kept.reasons, p.reasons[i]+" and not downloaded")
		kept.after = append(kept.after, p.after[i])
	}
	kept.held = p.held
	*p = kept
	return nil
}

// fetched says whether a package lies in apt's archive, of any architecture.
func fetched(files []string, name, version string) bool {
	name, _, _ = strings.Cut(name, ":")
	version, glob := strings.CutSuffix(version, "*")
	begin, _ := strings.CutSuffix(ArchiveName(name, version, ""), "_.deb")
	if !glob {
		begin += "_"
	}
	return slices.ContainsFunc(files, func(file string) bool { return strings.HasPrefix(file, begin) })
}
