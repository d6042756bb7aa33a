package modules

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// AptRepository is a deb822 source with its pinned signing key.
type AptRepository struct {
	Name        string // file name below /etc/apt/sources.list.d, without .sources
	URIs        []string
	Suites      []string
	Components  []string       // none for a flat repository, whose suite ends in /
	Key         []byte         // armoured or binary OpenPGP key
	Fingerprint string         // the key's whole fingerprint, which it must have
	Pin         map[string]int // package glob to priority
	Trusted     bool           // of a local folder only: no key
}

func (m AptRepository) String() string { return "apt repository " + m.Name }

// Check compares the files, and whether the lists were fetched with them. The
// key's fingerprint is checked before anything else.
func (m AptRepository) Check(ctx context.Context, r Reader) (*Change, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	var reasons []string
	var before, after []byte
	for _, file := range m.files() {
		change, err := file.Check(ctx, r)
		if err != nil {
			return nil, err
		}
		if change != nil {
			reasons = append(reasons, file.Path+": "+change.Summary)
			if file.Path != m.keyPath() {
				before, after = append(before, change.Before...), append(after, change.After...)
			}
		}
	}
	fetched, err := r.ReadFile(ctx, m.stamp(), 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(reasons) == 0 && string(fetched) != m.digest() {
		reasons = append(reasons, "its lists were not fetched")
	}
	if len(reasons) == 0 {
		return nil, nil
	}
	return &Change{
		Summary: strings.Join(reasons, ", "), Before: before, After: after,
		Deadline: updateDeadline + lockWait + time.Minute,
		Apply:    m.apply,
	}, nil
}

func (m AptRepository) apply(ctx context.Context, h Host) error {
	for _, file := range m.files() {
		change, err := file.Check(ctx, h)
		if err != nil {
			return err
		}
		if change == nil {
			continue
		}
		if err := ensureDir(ctx, h, path.Dir(file.Path)); err != nil {
			return err
		}
		if err := change.Apply(ctx, h); err != nil {
			return err
		}
	}
	if err := awaitApt(ctx, h, lockWait); err != nil {
		return err
	}
	err := aptUpdate(ctx, h, "-o", "Dir::Etc::sourcelist="+m.sourcesPath(), "-o", "Dir::Etc::sourceparts=-",
		"-o", "APT::Get::List-Cleanup=0")
	if err != nil {
		return fmt.Errorf("fetching the lists of %s: %w", m.Name, err)
	}
	if err := ensureDir(ctx, h, path.Dir(m.stamp())); err != nil {
		return err
	}
	return h.WriteFile(ctx, Content{Path: m.stamp(), Data: []byte(m.digest()), Attributes: Root(0o644)})
}

func (m AptRepository) sourcesPath() string { return "/etc/apt/sources.list.d/" + m.Name + ".sources" }

func (m AptRepository) stamp() string { return "/var/lib/pgrun/apt/" + m.Name }

func (m AptRepository) keyPath() string { return "/etc/apt/keyrings/" + m.Name + ".asc" }

// keyText is what apt gets of the key: no byte that was not read and checked.
func (m AptRepository) keyText() string {
	key, err := ParseSigningKey(m.Key)
	if err != nil {
		return "" // validate has refused it
	}
	return key.Text()
}

// files are written in this order: apt never sees a source without its key.
func (m AptRepository) files() []File {
	var list []File
	mode := Root(0o644)
	if !m.Trusted {
		list = append(list, File{Path: m.keyPath(), Content: m.keyText(), Attributes: mode})
	}
	pins := File{Path: "/etc/apt/preferences.d/" + m.Name + ".pref", Content: m.preferences(), Attributes: mode}
	pins.Absent = len(m.Pin) == 0
	return append(list, pins, File{Path: m.sourcesPath(), Content: m.sources(), Attributes: mode})
}

func (m AptRepository) sources() string {
	var text strings.Builder
	fmt.Fprintf(&text, "Types: deb\nURIs: %s\nSuites: %s\n", strings.Join(m.URIs, " "), strings.Join(m.Suites, " "))
	if len(m.Components) > 0 {
		fmt.Fprintf(&text, "Components: %s\n", strings.Join(m.Components, " "))
	}
	if m.Trusted {
		text.WriteString("Trusted: yes\n")
	} else {
		fmt.Fprintf(&text, "Signed-By: %s\n", m.keyPath())
	}
	return text.String()
}

// preferences pins by the host that the packages come from.
func (m AptRepository) preferences() string {
	var stanzas []string
	for _, uri := range m.URIs {
		origin := ""
		if u, err := url.Parse(uri); err == nil {
			origin = u.Hostname()
		}
		for _, glob := range slices.Sorted(maps.Keys(m.Pin)) {
			stanzas = append(stanzas, fmt.Sprintf("Package: %s\nPin: origin %q\nPin-Priority: %d\n", glob, origin, m.Pin[glob]))
		}
	}
	return strings.Join(stanzas, "\n")
}

func (m AptRepository) digest() string {
	sum := sha256.New()
	for _, file := range m.files() {
		fmt.Fprintf(sum, "%s %d\n%s", file.Path, len(file.Content), file.Content)
	}
	return fmt.Sprintf("%x\n", sum.Sum(nil))
}

// validate keeps what would be another field or another source out of the
// file, and checks the key.
func (m AptRepository) validate() error {
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`).MatchString(m.Name) {
		return fmt.Errorf("%q is no name of a package source", m.Name)
	}
	if len(m.URIs) == 0 || len(m.Suites) == 0 {
		return fmt.Errorf("package source %s: URIs and suites are needed", m.Name)
	}
	word := regexp.MustCompile(`^[!-~]+$`)
	for _, value := range slices.Concat(m.URIs, m.Suites, m.Components, slices.Collect(maps.Keys(m.Pin))) {
		if !word.MatchString(value) {
			return fmt.Errorf("package source %s: %q is no single word", m.Name, value)
		}
	}
	if m.Trusted {
		return m.local()
	}
	return m.checkKey()
}

// local lets only a folder of this machine go without a signature.
func (m AptRepository) local() error {
	for _, uri := range m.URIs {
		if !strings.HasPrefix(uri, "file:/") && !strings.HasPrefix(uri, "copy:/") {
			return fmt.Errorf("package source %s: %s is not a local folder (file:/...), so it needs a key", m.Name, uri)
		}
	}
	return nil
}

func (m AptRepository) checkKey() error {
	key, err := ParseSigningKey(m.Key)
	if err != nil {
		return fmt.Errorf("the key of package source %s: %w", m.Name, err)
	}
	if want := strings.ToUpper(strings.ReplaceAll(m.Fingerprint, " ", "")); key.Fingerprint != want {
		return Hint(fmt.Errorf("the key of package source %s has the fingerprint %s, not %s", m.Name, key.Fingerprint, want),
			"get the key from its owner again and compare the fingerprint by another way; nothing was written")
	}
	return nil
}
