package inventory

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/pgrun/pgrun/config"
)

// ClusterAddress is where cluster members reach the host: address, or
// ansible_host when that is an IP address, or where that is not set the host's
// name when it is one. A name of the DNS is none: its resolver would become a
// part of the cluster.
func (i *Inventory) ClusterAddress(h *Host, p *config.Problems) netip.Addr {
	if _, value := config.Get(h.Vars, "address"); value != nil && !empty(value) {
		var address netip.Addr
		config.Decode(i.Files, value, &address, "address", p)
		if address = address.Unmap(); unreachable(address) {
			p.Add(i.Files.Pos(value), "address", "%s cannot be reached by the other hosts of the cluster", address)
			return netip.Addr{}
		}
		return address
	}
	reached := h.Name
	for _, name := range []string{"ansible_ssh_host", "ansible_host"} {
		if _, value := config.Get(h.Vars, name); value != nil && !empty(value) {
			reached = value.Value
		}
	}
	if address, err := netip.ParseAddr(reached); err == nil && !unreachable(address.Unmap()) {
		return address.Unmap()
	}
	p.Missing(h.pos, "address", "the host %s has no address at which the cluster's other hosts reach it: write address: and its IP", h.Name)
	return netip.Addr{}
}

func unreachable(address netip.Addr) bool {
	return address.IsValid() && (address.Zone() != "" || address.IsUnspecified() || address.IsMulticast() || address.IsLinkLocalUnicast())
}

// CheckAddresses reports hosts of a cluster that have the same address, or one
// that leads every host to itself, and warns of those that are reached in the
// same way.
func (i *Inventory) CheckAddresses(hosts []*Host, p *config.Problems) {
	vars := []string{"address", "ansible_host", "ansible_ssh_host"}
	owners, reached := map[netip.Addr]*Host{}, map[string]*Host{}
	for _, h := range hosts {
		var told config.Problems // elsewhere
		address := i.ClusterAddress(h, &told)
		if !address.IsValid() {
			continue
		}
		if address.IsLoopback() && len(hosts) > 1 {
			p.Add(i.pos(h, vars...), "address", "%s is each host itself, and not %s for the others of the cluster: write address: and its IP", address, h.Name)
			continue
		}
		if other, ok := owners[address]; ok {
			p.Add(i.pos(h, vars...), "address", "%s has the address %s, which %s has too (%s)", h.Name, address, other.Name, i.pos(other, vars...))
			continue
		}
		owners[address] = h
		c := i.Connection(h, &told)
		if other, ok := reached[c.way()]; ok && !c.Local {
			p.Warn(i.pos(h, vars[1:]...), vars[1], "%s is reached at %s, where %s is (%s): two hosts are two machines",
				h.Name, c.Address, other.Name, i.pos(other, vars[1:]...))
		}
		reached[c.way()] = h
	}
}

// way is what a connection leads to.
func (c Connection) way() string {
	return fmt.Sprintf("%t %q %d %q %q %q", c.Local, c.Address, c.Port, c.Args, c.CommonArgs, c.ExtraArgs)
}

// pos is where the first of several variables is set, or the host.
func (i *Inventory) pos(h *Host, names ...string) config.Pos {
	for _, name := range names {
		if _, value := config.Get(h.Vars, name); value != nil && !empty(value) {
			return i.Files.Pos(value)
		}
	}
	return h.pos
}

// WhereSet returns the place at which a connection variable of a host is set,
// and the name that it has there; for a flag no place, and where nothing is
// set the host's.
func (i *Inventory) WhereSet(h *Host, variable string) (pos config.Pos, name string) {
	if strings.HasPrefix(variable, "--") {
		return config.Pos{}, variable
	}
	candidates := []string{variable}
	if variable == "ansible_ssh_private_key_file" {
		candidates = append(candidates, "ansible_private_key_file")
	}
	for _, name := range candidates {
		if _, value := config.Get(h.Vars, name); value != nil && !empty(value) {
			return i.Files.Pos(value), name
		}
	}
	return h.pos, variable
}
