package command

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
)

// ansibleSetting is a line of ansible.cfg that says which hosts are reached,
// and how.
var ansibleSetting = regexp.MustCompile(`(?m)^(inventory|remote_user|private_key_file|ssh_args|ssh_common_args|host_key_checking)[ \t]*=`)

// warnAnsible tells once of settings of Ansible that pgrun does not read, and
// that somebody who comes from there may count on.
func warnAnsible(problems *config.Problems) {
	var found []string
	if text, err := config.ReadFile("ansible.cfg"); err == nil {
		for _, match := range ansibleSetting.FindAllSubmatch(text, -1) {
			found = append(found, string(match[1])+" in ansible.cfg")
		}
	}
	for _, name := range []string{
		"ANSIBLE_CONFIG", "ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_INVENTORY", "ANSIBLE_PRIVATE_KEY_FILE", "ANSIBLE_REMOTE_USER",
		"ANSIBLE_SSH_ARGS", "ANSIBLE_SSH_COMMON_ARGS",
	} {
		if os.Getenv(name) != "" {
			found = append(found, name)
		}
	}
	if len(found) > 0 {
		problems.Warn(config.Pos{}, "", "Ansible's settings are not read (%s): the inventory and the flags count", strings.Join(slices.Compact(found), ", "))
	}
}
