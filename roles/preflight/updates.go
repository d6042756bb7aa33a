package preflight

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// offersRecord keeps what apt answered. The question costs a second of
// processor time where apt has no cache, so it is put again only when the
// answer may be another. It goes with the next boot.
const offersRecord = "/run/pgrun/offers.json"

const offersStep = "versions on offer"

// offers is that record.
type offers struct {
	Of      string   `json:"of"`      // digest of what the answer depends on
	Waiting []string `json:"waiting"` // "patroni 4.0.7-1 -> 4.0.7-2"
}

// noteUpdates tells of versions that are on offer for packages that pgrun
// holds: site.yml does not install them, and nothing else on the host does.
func noteUpdates(ctx context.Context, t *runner.Target) error {
	held, err := heldPackages(ctx, t)
	if err != nil || len(held) == 0 {
		return err
	}
	of, err := offersOf(ctx, t, held)
	if err != nil {
		return err
	}
	known := readOffers(ctx, t)
	var unknown error // apt's trouble is none of the cluster's
	ask := func(ctx context.Context, r modules.Reader) {
		var answer map[string]modules.Offer
		answer, unknown = modules.Offers(ctx, r, slices.Sorted(maps.Keys(held))...)
		known = offers{Of: of, Waiting: waiting(answer)}
	}
	switch {
	case known.Of == of:
	case t.Check:
		ask(ctx, t)
	default:
		err = t.Ensure(ctx, modules.Func{Name: offersStep, Find: func(context.Context, modules.Reader) (*modules.Change, error) {
			return &modules.Change{Waits: true, Apply: func(ctx context.Context, h modules.Host) error {
				if ask(ctx, h); unknown != nil {
					return context.Cause(ctx)
				}
				return known.write(ctx, h)
			}}, nil
		}})
	}
	if unknown != nil {
		t.Skip(ctx, offersStep, "apt does not say: "+unknown.Error())
	}
	if err == nil && len(known.Waiting) > 0 {
		t.Warn("newer versions are on offer, which site.yml does not install: run rolling-upgrade.yml for %s", strings.Join(known.Waiting, ", "))
	}
	return err
}

// heldPackages are those that no other program upgrades, with their versions.
func heldPackages(ctx context.Context, r modules.Reader) (map[string]string, error) {
	packages, err := modules.InstalledPackages(ctx, r)
	if err != nil {
		return nil, err
	}
	held := map[string]string{}
	for key, p := range packages {
		if key == p.Name && p.Selection == "hold" && p.Installed() {
			held[p.Name] = p.Version
		}
	}
	return held, nil
}

// offersOf is a digest of what apt's answer depends on: what is installed, the
// lists, the sources, and the pins.
func offersOf(ctx context.Context, r modules.Reader, held map[string]string) (string, error) {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(held)) {
		fmt.Fprintf(sum, "%s %s\n", name, held[name])
	}
	for _, place := range []string{"/var/lib/apt/lists", "/etc/apt", "/etc/apt/sources.list.d", "/etc/apt/preferences.d", "/etc/apt/apt.conf.d"} {
		stat, err := r.Lstat(ctx, place)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n", place, stat.ModTime.UnixNano())
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}

func readOffers(ctx context.Context, r modules.Reader) offers {
	var known offers
	if text, err := r.ReadFile(ctx, offersRecord, 0); err != nil || json.Unmarshal(text, &known) != nil {
		return offers{} // one that cannot be read is none
	}
	return known
}

func (o offers) write(ctx context.Context, h modules.Host) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return h.WriteFile(ctx, modules.Content{Path: offersRecord, Data: append(text, '\n'), Attributes: modules.Root(0o644)})
}

// waiting names what is on offer beside what is installed.
func waiting(answer map[string]modules.Offer) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(answer)) {
		if o := answer[name]; o.Upgradable() {
			list = append(list, fmt.Sprintf("%s %s -> %s", name, o.Installed, o.Candidate))
		}
	}
	return list
}
