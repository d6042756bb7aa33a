package inventory

import (
	"path"

	"github.com/pgrun/pgrun/config"
)

// program takes the usual program of a purpose. Another one would be passed
// over, and the connection be made in another way than the inventory says.
func (r reader) program(why, usual string, names ...string) {
	name, n := r.plain(names...)
	if n != nil && n.Value != "" && path.Base(n.Value) != usual {
		r.problem(n, name, "%s: %q is not used; take it out", why, n.Value)
	}
}

// refused reports variables that would change how a login works, and cannot.
func (r reader) refused() {
	const keys = "write ansible_ssh_private_key_file, or load the key into the agent (ssh-add)"
	for _, v := range [][2]string{
		{"ansible_private_key", keys}, {"ansible_ssh_private_key", keys},
		{"ansible_private_key_passphrase", keys}, {"ansible_ssh_private_key_passphrase", keys},
		{"ansible_ssh_pkcs11_provider", "load the token into the agent (ssh-add -s)"},
	} {
		if key, value := config.Get(r.host.Vars, v[0]); value != nil && !empty(value) {
			r.problem(key, v[0], "is not read: %s", v[1])
		}
	}
}

// checked refuses what would turn off the checking of host keys, as the options
// of ssh for it are refused.
func (r reader) checked() {
	for _, name := range []string{"ansible_host_key_checking", "ansible_ssh_host_key_checking", "ansible_paramiko_host_key_checking"} {
		key, _ := config.Get(r.host.Vars, name)
		if check := r.boolean(name); check != nil && !*check {
			r.problem(key, name, "pgrun always checks host keys; take it out, --accept-new-host-keys lets new hosts in")
		}
	}
}
