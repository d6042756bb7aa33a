// Package lab makes real hosts on one machine: systemd containers with sshd, a network of their own and static addresses,
// as bare as a cloud's first boot. Debian packages come from Debian's mirror, or from the cache in the image.
//
//	l, err := lab.Up(ctx, lab.Config{Name: "demo", Dir: ".lab", Hosts: []string{"db1", "db2", "db3", "lb1"}})
//	defer l.Down(ctx)
//
// Up leaves inventory.yml, key, known_hosts and secrets/ in Dir: what any pgrun command needs. Labs of different names live side by
// side. testcontainers creates the containers; everything else is the docker command, whose messages people know. Nothing
// outlives Down: containers, volumes and the network are found by the label that carries the lab's name.
package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sync/errgroup"
)

// label marks everything that belongs to a lab; its value is the lab's name.
const label = "org.pgrun.lab"

// Config says what a lab is. The zero value of every field but Hosts has a meaning.
type Config struct {
	Name    string       // "demo"
	Dir     string       // where inventory and key are written; ".lab"
	Release string       // "trixie", "bookworm" or "forky"; trixie
	Bare    bool         // no packages cached: the whole installation is seen
	Older   bool         // knowing older versions only, until Publish
	Subnet  netip.Prefix // a free 10.89.x.0/24
	Hosts   []string     // db*: etcd and postgres; lb*: balancers; others belong to no group
}

// Lab is a running lab.
type Lab struct {
	Config
	Hosts []*Host
}

// Default is the lab of make demo.
func Default() Config {
	return Config{Name: "demo", Hosts: []string{"db1", "db2", "db3", "lb1"}}.complete()
}

func (c Config) complete() Config {
	if c.Name == "" {
		c.Name = "demo"
	}
	if c.Dir == "" {
		c.Dir = ".lab"
	}
	if c.Release == "" {
		c.Release = "trixie"
	}
	return c
}

func (c Config) validate() error {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`).MatchString(c.Name) {
		return fmt.Errorf("lab name %q: want lower-case letters, digits and dashes", c.Name)
	}
	if _, ok := releases()[c.Release]; !ok {
		return fmt.Errorf("release %q: want bookworm, trixie or forky", c.Release)
	}
	if len(c.Hosts) == 0 {
		return errors.New("a lab needs at least one host")
	}
	return nil
}

// Up makes a lab from nothing: what was left of one by the same name is removed first.
func Up(ctx context.Context, config Config) (*Lab, error) {
	config = config.complete()
	if err := config.validate(); err != nil {
		return nil, err
	}
	image, err := Image(ctx, config.Release, config.Bare)
	if err != nil {
		return nil, err
	}
	if err := remove(ctx, config.Name); err != nil {
		return nil, err
	}
	l := &Lab{Config: config}
	if err := l.start(ctx, image); err != nil {
		return nil, errors.Join(err, remove(context.WithoutCancel(ctx), config.Name))
	}
	return l, nil
}

func (l *Lab) start(ctx context.Context, image string) error {
	if err := l.prepare(); err != nil {
		return err
	}
	key, err := newKey(filepath.Join(l.Dir, "key"))
	if err != nil {
		return err
	}
	if l.Subnet, err = makeNetwork(ctx, l.Name, l.Subnet); err != nil {
		return err
	}
	for i, name := range l.Config.Hosts {
		l.Hosts = append(l.Hosts, &Host{Name: name, Address: address(l.Subnet, i), lab: l.Name})
	}
	if err := l.each(ctx, func(ctx context.Context, h *Host) error { return h.boot(ctx, image, key) }); err != nil {
		return err
	}
	if l.Older {
		if err := l.each(ctx, l.holdBack); err != nil {
			return err
		}
	}
	return l.write()
}

// prepare empties the folder, which holds nothing but what Up writes.
func (l *Lab) prepare() (err error) {
	if l.Dir, err = filepath.Abs(l.Dir); err != nil {
		return err
	}
	for _, name := range []string{"inventory.yml", "key", "key.pub", "known_hosts", "secrets"} {
		if err := os.RemoveAll(filepath.Join(l.Dir, name)); err != nil {
			return err
		}
	}
	return os.MkdirAll(filepath.Join(l.Dir, "secrets"), 0o700)
}

// Attach finds a lab that is up.
func Attach(ctx context.Context, config Config) (*Lab, error) {
	config = config.complete()
	out, err := docker(ctx, "ps", "--all", "--filter", "label="+label+"="+config.Name,
		"--format", `{{.Label "`+label+`.host"}} {{.Label "`+label+`.address"}}`)
	if err != nil {
		return nil, err
	}
	l := &Lab{Config: config}
	if l.Dir, err = filepath.Abs(l.Dir); err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		name, addr, _ := strings.Cut(strings.TrimSpace(line), " ")
		ip, err := netip.ParseAddr(addr)
		if err != nil {
			return nil, fmt.Errorf("container of %s: %w", name, err)
		}
		l.Hosts = append(l.Hosts, &Host{Name: name, Address: ip, lab: config.Name})
	}
	if len(l.Hosts) == 0 {
		return nil, fmt.Errorf("no lab named %s is up", config.Name)
	}
	return l, nil
}

// Down removes the lab's containers, volumes and network. The folder stays for a look; Up empties it.
func (l *Lab) Down(ctx context.Context) error { return remove(ctx, l.Name) }

// Host finds a host by name.
func (l *Lab) Host(name string) *Host {
	for _, h := range l.Hosts {
		if h.Name == name {
			return h
		}
	}
	return nil
}

// Inventory is the path of the lab's inventory.
func (l *Lab) Inventory() string { return filepath.Join(l.Dir, "inventory.yml") }

func (l *Lab) each(ctx context.Context, do func(context.Context, *Host) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, h := range l.Hosts {
		group.Go(func() error {
			if err := do(ctx, h); err != nil {
				return fmt.Errorf("%s: %w", h.Name, err)
			}
			return nil
		})
	}
	return group.Wait()
}
