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
	Args           []string      // ansible_ssh_args, split; the first of several values counts
	CommonArgs     []string      // ansible_ssh_common_args
	ExtraArgs      []string      // ansible_ssh_extra_args
	Timeout        time.Duration // ansible_ssh_timeout, until TCP is connected; 0: ConnectTimeout, or 10 s
	Retries        int           // ansible_ssh_retries: more tries when the host cannot be reached
	Password       config.Secret
	Become         *bool // nil: yes
	BecomePassword config.Secret
}

// VariableError is what is wrong with a connection because of one variable of
// the inventory, or of --private-key.
type VariableError struct {
	Variable string
	Err      error
}

func (e *VariableError) Error() string { return e.Variable + ": " + e.Err.Error() }

func (e *VariableError) Unwrap() error { return e.Err }

// arguments are the options of ssh in the order in which Ansible gives them to
// it, by the variable that has them.
func (c Connection) arguments() []variable {
	return []variable{
		{"ansible_ssh_args", c.Args},
		{"ansible_ssh_common_args", c.CommonArgs},
		{"ansible_ssh_extra_args", c.ExtraArgs},
	}
}

type variable struct {
	name  string
	words []string
}
