package etcd

import (
	"net/netip"
	"slices"

	"github.com/pgrun/pgrun/runner"
)

// clientURL is where a listed member is asked, false where it is not. A member
// may have any URL put on the list, and whoever asks does so from within the
// network: only addresses of the inventory's hosts are asked, and of the host
// that the operator removes.
func (m *machine) clientURL(l Listed) (string, bool) {
	for _, address := range l.ClientURLs {
		ip, port, ok := ipPort(address)
		if ok && (m.inCluster(ip) || m.departing != "" && m.is(l, m.departing) && outside(ip) && int(port) == m.ClientPort) {
			return address, true
		}
	}
	return "", false
}

// peerURLs are those at which it can be seen whether a member that the
// inventory has elsewhere, or no more, still runs: the port is the inventory's.
func (m *machine) peerURLs(l Listed) []string {
	return slices.DeleteFunc(slices.Clone(l.PeerURLs), func(address string) bool {
		ip, port, ok := ipPort(address)
		return !ok || int(port) != m.PeerPort || !m.inCluster(ip) && !outside(ip)
	})
}

func (m *machine) inCluster(ip netip.Addr) bool {
	return slices.ContainsFunc(m.view.Peers(), func(p runner.Peer) bool { return p.Address == ip })
}

// outside says whether an address can be another host's.
func outside(ip netip.Addr) bool {
	return !ip.IsLoopback() && !ip.IsLinkLocalUnicast() && !ip.IsMulticast() && !ip.IsUnspecified()
}
