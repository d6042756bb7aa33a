package modules

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"
)

// Offer is what apt knows of a package on a host, as dpkg and apt write
// versions; "" is none.
type Offer struct{ Installed, Candidate string }

// Upgradable says whether the candidate is another version than the installed.
// apt never offers a lower one unless it is pinned so.
func (o Offer) Upgradable() bool {
	return o.Installed != "" && o.Candidate != "" && o.Installed != o.Candidate
}

// Offers asks apt for the installed and the candidate version of packages;
// names that it does not know are not in the answer.
func Offers(ctx context.Context, r Reader, names ...string) (map[string]Offer, error) {
	if err := checkPackageNames(names); err != nil {
		return nil, err
	}
	result, err := r.Query(ctx, Command{Argv: append([]string{"apt-cache", "policy"}, names...)})
	if err != nil {
		return nil, fmt.Errorf("asking apt for versions: %w", err)
	}
	return parsePolicy(string(result.Stdout)), nil
}

// Candidates asks apt which version of each package it would install now;
// names that it cannot install are not in the answer.
func Candidates(ctx context.Context, r Reader, names ...string) (map[string]string, error) {
	offers, err := Offers(ctx, r, names...)
	candidates := map[string]string{}
	for name, offer := range offers {
		if offer.Candidate != "" {
			candidates[name] = offer.Candidate
		}
	}
	return candidates, err
}

// UpstreamCandidates are the candidates without what the distribution adds, so
// that hosts of several of its releases can be compared; "none" where there is
// none.
func UpstreamCandidates(ctx context.Context, r Reader, names ...string) (map[string]string, error) {
	offers, err := Offers(ctx, r, names...)
	upstream := map[string]string{}
	for _, name := range names {
		upstream[name] = cmp.Or(Upstream(offers[name].Candidate), "none")
	}
	return upstream, err
}

func parsePolicy(text string) map[string]Offer {
	offers := map[string]Offer{}
	name := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if head, ok := strings.CutSuffix(line, ":"); ok && !strings.HasPrefix(line, " ") {
			name = head
			offers[name] = Offer{}
			continue
		}
		offer := offers[name]
		if version, ok := strings.CutPrefix(line, "  Installed: "); ok && version != "(none)" {
			offer.Installed = version
		} else if version, ok := strings.CutPrefix(line, "  Candidate: "); ok && version != "(none)" {
			offer.Candidate = version
		} else {
			continue
		}
		offers[name] = offer
	}
	return offers
}

// Upstream is the upstream part of a package's version: 17.11 of
// 17.11-0+deb13u1; "" when it does not begin with numbers.
func Upstream(version string) string {
	found := regexp.MustCompile(`^(?:\d+:)?(\d+(?:\.\d+)*)`).FindStringSubmatch(version)
	if found == nil {
		return ""
	}
	return found[1]
}

// FromTo tells of a version before and after, for a report.
func FromTo(before, after string) string {
	if before == after {
		return after + ", package renewed"
	}
	return before + " -> " + after
}
