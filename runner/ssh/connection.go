package ssh

import (
	"time"

	"github.com/pgrun/pgrun/config"
)

// Connection is how the inventory says that a host is reached. It has the
// fields of inventory.Connection, which converts into it: this package does not
// know inventories.
type Connection struct {
	Local          bool   // needs none
	Address        string // ansible_host; "": the host's name
	Port           int    // ansible_port; 0: what ~/.ssh/config says, or 22
	User           string
	PrivateKeyFile string
	CommonArgs     []string      // ansible_ssh_common_args and ansible_ssh_extra_args, split
	Timeout        time.Duration // ansible_ssh_timeout, until TCP is connected; 0: ConnectTimeout, or 10 s
	Password       config.Secret
	Become         *bool // nil: yes
	BecomePassword config.Secret
}
