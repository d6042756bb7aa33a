package lab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// makeNetwork makes the lab's bridge. With a subnet given, hosts have static addresses, which a reconnect does not lose.
func makeNetwork(ctx context.Context, name string, subnet netip.Prefix) (netip.Prefix, error) {
	if subnet.IsValid() {
		return subnet, bridge(ctx, name, subnet)
	}
	// Docker refuses a subnet in use, so trying is the search for a free one that cannot race.
	for i := range 256 {
		subnet = netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 89, byte(i), 0}), 24)
		err := bridge(ctx, name, subnet)
		if err == nil || !strings.Contains(err.Error(), "overlaps") {
			return subnet, err
		}
	}
	return subnet, fmt.Errorf("no free subnet in 10.89.0.0/16")
}

func bridge(ctx context.Context, name string, subnet netip.Prefix) error {
	_, err := docker(ctx, "network", "create", "--subnet", subnet.String(), "--label", label+"="+name,
		"--opt", "com.docker.network.driver.mtu="+strconv.Itoa(mtu()), networkName(name))
	return err
}

func networkName(lab string) string { return "pgrun-" + lab }

// mtu is the least of the machine's interfaces: docker gives its own bridges 1500 whatever the way out can carry.
func mtu() int {
	least := 1500
	interfaces, _ := net.Interfaces() // none seen: the default is right
	for _, i := range interfaces {
		if i.Flags&net.FlagUp != 0 && i.MTU >= 1280 {
			least = min(least, i.MTU)
		}
	}
	return least
}

// address of the n-th host; the first ten are left to the gateway and to virtual addresses.
func address(subnet netip.Prefix, n int) netip.Addr {
	octets := subnet.Masked().Addr().As4()
	octets[3] += byte(11 + n)
	return netip.AddrFrom4(octets)
}
