package inventory

import (
	"context"
	"slices"
	"time"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// Connection is how to reach a host: Ansible's variables.
type Connection struct {
	Local          bool   // ansible_connection: local
	Address        string // ansible_host, or the host's name
	Port           int    // ansible_port, 0: 22 or ~/.ssh/config's
	User           string // ansible_user, "": ~/.ssh/config's or the own name
	PrivateKeyFile string
	Args           []string      // ansible_ssh_args, split; the first of several values counts
	CommonArgs     []string      // ansible_ssh_common_args
	ExtraArgs      []string      // ansible_ssh_extra_args
	Timeout        time.Duration // ansible_ssh_timeout, 0: the default
	Retries        int           // ansible_ssh_retries
	Password       config.Secret
	Become         *bool
	BecomePassword config.Secret
}

// maxRetries bounds ansible_ssh_retries: up to 10 s lie between two tries.
const maxRetries = 20

// Connection decodes the connection variables.
func (i *Inventory) Connection(h *Host, p *config.Problems) Connection {
	r := reader{inv: i, host: h, problems: p}
	c := Connection{
		Address:        r.text("address", inNoAddress, "ansible_host", "ansible_ssh_host"),
		Port:           r.number(65535, "ansible_port", "ansible_ssh_port"),
		User:           r.text("user name", inNoUser, "ansible_user", "ansible_ssh_user"),
		PrivateKeyFile: r.path("ansible_private_key_file", "ansible_ssh_private_key_file"),
		Args:           r.args("ansible_ssh_args"),
		CommonArgs:     r.args("ansible_ssh_common_args"),
		ExtraArgs:      r.args("ansible_ssh_extra_args"),
		Timeout:        time.Duration(r.number(3600, "ansible_timeout", "ansible_ssh_timeout")) * time.Second,
		Retries:        r.count(maxRetries, "ansible_ssh_retries"),
		Password:       r.secret("ansible_password", "ansible_ssh_pass", "ansible_ssh_password"),
		Become:         r.boolean("ansible_become", "ansible_sudo"),
		BecomePassword: r.secret("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass"),
	}
	c.Local = r.oneOf("pgrun reaches hosts over SSH", []string{"local"}, []string{"ssh", "smart", "paramiko", "paramiko_ssh"}, "ansible_connection")
	r.oneOf("pgrun becomes root through sudo", nil, []string{"sudo", "ansible.builtin.sudo"}, "ansible_become_method", "ansible_sudo_method")
	r.oneOf("pgrun works as root", nil, []string{"root"}, "ansible_become_user", "ansible_sudo_user")
	r.program("pgrun becomes root through sudo", "sudo", "ansible_become_exe", "ansible_sudo_exe")
	r.program("pgrun speaks SSH itself and runs no program for it", "ssh", "ansible_ssh_executable")
	r.refused()
	r.checked()
	if name, n := r.node("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass"); n != nil {
		p.Warn(i.Files.Pos(n), name, "is not used: let sudo ask for no password (NOPASSWD)")
	}
	if c.Address == "" {
		c.Address = h.Name
	}
	return c
}

// ResolveConnection is Connection with its secrets known: it asks their
// sources, each once. Problems that Connection has told are not told again.
func (i *Inventory) ResolveConnection(ctx context.Context, h *Host) (Connection, error) {
	vars := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	known := connectionVars()
	for at := 0; at+1 < len(h.Vars.Content); at += 2 {
		if slices.Contains(known, h.Vars.Content[at].Value) {
			vars.Content = append(vars.Content, h.Vars.Content[at], h.Vars.Content[at+1])
		}
	}
	resolved, err := i.Files.Resolve(ctx, vars, "")
	if err != nil {
		return Connection{}, err
	}
	var p config.Problems
	c := i.Connection(&Host{Name: h.Name, Vars: resolved, pos: h.pos}, &p)
	return c, p.Err()
}
