// Package inventory reads Ansible's YAML inventory.
package inventory

import (
	"net/netip"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// Host is a host with its merged variables.
type Host struct {
	Name   string
	Groups []string // all it is in, without "all"; in the inventory's order
	Vars   *yaml.Node
}

// Connection is how to reach a host: Ansible's variables.
type Connection struct {
	Local          bool   // ansible_connection: local
	Address        string // ansible_host, or the host's name
	Port           int    // ansible_port, 0: 22 or ~/.ssh/config's
	User           string
	PrivateKeyFile string
	CommonArgs     []string // ansible_ssh_common_args and _extra_args, split
	Password       config.Secret
	Become         *bool
	BecomePassword config.Secret
}

// Inventory is the merged inventory.
type Inventory struct {
	Hosts []*Host
	Files *config.Files
}

// Load reads the sources in order and lays the extra variables (-e) on top.
func Load(paths []string, extra []string, p *config.Problems) *Inventory { panic("pending") }

// Match returns the hosts of a pattern, in the inventory's order.
func (i *Inventory) Match(pattern string) ([]*Host, error) { panic("pending") }

// Section returns the node of a role's section, nil when there is none.
func (h *Host) Section(name string) *yaml.Node { panic("pending") }

// Connection decodes the connection variables.
func (i *Inventory) Connection(h *Host, p *config.Problems) Connection { panic("pending") }

// ClusterAddress is where cluster members reach the host.
func (i *Inventory) ClusterAddress(h *Host, p *config.Problems) netip.Addr { panic("pending") }
