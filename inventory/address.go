package inventory

import (
	"net/netip"

	"github.com/pgrun/pgrun/config"
)

// ClusterAddress is where cluster members reach the host: address, or
// ansible_host when that is an IP address. A name is none: its resolver would
// become a part of the cluster.
func (i *Inventory) ClusterAddress(h *Host, p *config.Problems) netip.Addr {
	if _, value := config.Get(h.Vars, "address"); value != nil && !empty(value) {
		address, err := netip.ParseAddr(value.Value)
		address = address.Unmap()
		switch {
		case err != nil:
			p.Add(i.Files.Pos(value), "address", "an IP address is expected, not %q", value.Value)
		case unreachable(address):
			p.Add(i.Files.Pos(value), "address", "%s cannot be reached by the other hosts of the cluster", address)
		default:
			return address
		}
		return netip.Addr{}
	}
	for _, name := range []string{"ansible_host", "ansible_ssh_host"} {
		if _, value := config.Get(h.Vars, name); value != nil {
			if address, err := netip.ParseAddr(value.Value); err == nil && !unreachable(address) {
				return address.Unmap()
			}
		}
	}
	p.Add(h.pos, "address", "the host %s has no address at which the cluster's other hosts reach it: write address: and its IP", h.Name)
	return netip.Addr{}
}

func unreachable(address netip.Addr) bool {
	return address.Zone() != "" || address.IsUnspecified() || address.IsMulticast() || address.IsLinkLocalUnicast()
}

// CheckAddresses reports hosts that have the same address.
func (i *Inventory) CheckAddresses(hosts []*Host, p *config.Problems) {
	owners := map[netip.Addr]*Host{}
	for _, h := range hosts {
		var own config.Problems
		address := i.ClusterAddress(h, &own)
		if !address.IsValid() {
			continue
		}
		if other, ok := owners[address]; ok {
			p.Add(i.addressPos(h), "address", "%s has the address %s, which %s has too (%s)", h.Name, address, other.Name, i.addressPos(other))
			continue
		}
		owners[address] = h
	}
}

func (i *Inventory) addressPos(h *Host) config.Pos {
	for _, name := range []string{"address", "ansible_host", "ansible_ssh_host"} {
		if _, value := config.Get(h.Vars, name); value != nil && !empty(value) {
			return i.Files.Pos(value)
		}
	}
	return h.pos
}
