package inventory

import "regexp"

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
		"ansible_async_dir", "ansible_common_remote_group", "ansible_control_path", "ansible_control_path_dir",
		"ansible_interpreter_python_fallback", "ansible_managed", "ansible_module_compression", "ansible_pipelining",
		"ansible_remote_tmp", "ansible_shell_allow_world_readable_temp", "ansible_ssh_control_path", "ansible_ssh_control_path_dir",
		"ansible_ssh_pipelining", "ansible_ssh_verbosity", "ansible_sshpass_prompt", "ansible_system_tmpdirs",
	}
}

// notFollowed are Ansible's own too: they change how it works on a host, and
// nothing here, which is said.
func notFollowed() []string {
	return []string{
		"ansible_become_flags", "ansible_sudo_flags", "ansible_become_plugin", "ansible_executable", "ansible_shell_executable",
		"ansible_shell_type", "ansible_scp_executable", "ansible_scp_extra_args", "ansible_scp_if_ssh", "ansible_sftp_batch_mode",
		"ansible_sftp_executable", "ansible_sftp_extra_args", "ansible_ssh_transfer_method", "ansible_ssh_use_tty",
		"ansible_ssh_password_mechanism", "ansible_su", "ansible_su_user", "ansible_su_pass", "ansible_su_exe", "ansible_su_flags",
	}
}

var interpreter = regexp.MustCompile(`^ansible_\w+_interpreter$`)
