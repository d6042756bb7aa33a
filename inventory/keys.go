package inventory

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
)

// connectionVars are the variables that Connection reads.
func connectionVars() []string {
	return []string{
		"ansible_host", "ansible_ssh_host", "ansible_port", "ansible_ssh_port", "ansible_user", "ansible_ssh_user",
		"ansible_private_key_file", "ansible_ssh_private_key_file", "ansible_ssh_common_args", "ansible_ssh_extra_args",
		"ansible_timeout", "ansible_ssh_timeout", "ansible_password", "ansible_ssh_pass", "ansible_ssh_password",
		"ansible_become", "ansible_sudo", "ansible_become_method", "ansible_sudo_method", "ansible_become_user", "ansible_sudo_user",
		"ansible_become_password", "ansible_become_pass", "ansible_sudo_pass", "ansible_connection",
		"ansible_host_key_checking", "ansible_ssh_host_key_checking", "ansible_paramiko_host_key_checking", "ansible_group_priority",
		"ansible_ssh_args", "ansible_ssh_executable", "ansible_ssh_retries", "ansible_become_exe", "ansible_sudo_exe",
		"ansible_private_key", "ansible_ssh_private_key", "ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase",
		"ansible_ssh_pkcs11_provider",
	}
}

// ignoredVars are Ansible's own: they steer how it runs Python on a host, and
// mean nothing here.
func ignoredVars() []string {
	return []string{
		"ansible_async_dir", "ansible_become_exe", "ansible_become_flags", "ansible_become_plugin", "ansible_common_remote_group",
		"ansible_control_path", "ansible_control_path_dir", "ansible_executable", "ansible_interpreter_python_fallback",
		"ansible_managed", "ansible_module_compression", "ansible_pipelining",
		"ansible_remote_tmp", "ansible_scp_executable", "ansible_scp_extra_args", "ansible_scp_if_ssh", "ansible_sftp_batch_mode",
		"ansible_sftp_executable", "ansible_sftp_extra_args", "ansible_shell_allow_world_readable_temp", "ansible_shell_executable",
		"ansible_shell_type", "ansible_ssh_args", "ansible_ssh_control_path", "ansible_ssh_control_path_dir", "ansible_ssh_executable",
		"ansible_ssh_pipelining", "ansible_ssh_retries", "ansible_ssh_transfer_method", "ansible_ssh_use_tty", "ansible_sshpass_prompt",
		"ansible_system_tmpdirs",
	}
}

var interpreter = regexp.MustCompile(`^ansible_\w+_interpreter$`)

// CheckKeys reports variables that nobody reads. known are the names of the
// roles. All files are checked, those of groups without hosts too.
func (i *Inventory) CheckKeys(known []string, p *config.Problems) {
	i.checkGroups(p)
	c := checker{inv: i, problems: p, known: append(slices.Clone(known), "address", "custom")}
	for _, g := range i.groups {
		c.layers(g.own)
		for _, layers := range g.files {
			c.layers(layers)
		}
	}
	for _, h := range i.Hosts {
		c.layers(h.layers)
	}
	c.layers(i.extra)
}

// checkGroups warns of groups that are called nearly as one that roles look at
// and that is not there.
func (i *Inventory) checkGroups(p *config.Problems) {
	missing := slices.DeleteFunc(Conventional(), func(name string) bool { return i.byName[name] != nil })
	for _, g := range i.groups {
		if near := config.Nearest(g.name, missing); near != "" && !slices.Contains(Conventional(), g.name) {
			p.Warn(g.pos, "", "no role looks at the group %q (did you mean %q?)", g.name, near)
		}
	}
}

type checker struct {
	inv      *Inventory
	problems *config.Problems
	known    []string
}

func (c checker) layers(layers []layer) {
	for _, layer := range layers {
		for at := 0; at+1 < len(layer.node.Content); at += 2 {
			c.key(layer, at)
		}
	}
}

func (c checker) key(l layer, at int) {
	key := l.node.Content[at]
	name := key.Value
	pos := c.inv.Files.Pos(key)
	switch {
	case slices.Contains(c.known, name), interpreter.MatchString(name):
	case strings.HasPrefix(name, "ansible_"):
		if !slices.Contains(connectionVars(), name) && !slices.Contains(ignoredVars(), name) {
			c.problems.Add(pos, "", "unknown connection variable %q%s", name, didYouMean(name, connectionVars()))
		}
	default:
		c.problems.Add(pos, "", "unknown variable %q%s: one's own variables stand below custom", name, didYouMean(name, c.known))
	}
}

// didYouMean leaves out the list of all known names, which is long here.
func didYouMean(name string, known []string) string {
	if near := config.Nearest(name, known); near != "" {
		return " (did you mean \"" + near + "\"?)"
	}
	return ""
}
