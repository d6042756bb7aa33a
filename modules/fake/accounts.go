package fake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// AddUser arranges an account, and a group of the same name with its number,
// without recording it.
func (h *Host) AddUser(name string, id int, home, shell string) {
	h.appendLine("/etc/passwd", fmt.Sprintf("%s:x:%d:%d::%s:%s", name, id, id, home, shell))
	h.appendLine("/etc/group", fmt.Sprintf("%s:x:%d:", name, id))
}

func (h *Host) appendLine(path, line string) { h.Put(path, h.Content(path)+line+"\n") }

func (h *Host) accounts() []modules.Account {
	return modules.ParsePasswd([]byte(h.Content("/etc/passwd")))
}

func (h *Host) groups() []modules.AccountGroup {
	return modules.ParseGroup([]byte(h.Content("/etc/group")))
}

func (h *Host) group(name string) (modules.AccountGroup, bool) {
	groups := h.groups()
	i := slices.IndexFunc(groups, func(g modules.AccountGroup) bool { return g.Name == name })
	if i < 0 {
		return modules.AccountGroup{}, false
	}
	return groups[i], true
}

func (h *Host) groupadd(c modules.Command) (string, error) {
	_, name := options(c.Argv[1:])
	if _, there := h.group(name); there {
		return "", Exit(9, "groupadd: group '"+name+"' already exists")
	}
	h.appendLine("/etc/group", fmt.Sprintf("%s:x:%d:", name, 900-len(h.groups())))
	return "", nil
}

func (h *Host) useradd(c modules.Command) (string, error) {
	given, name := options(c.Argv[1:])
	for _, a := range h.accounts() {
		if a.Name == name {
			return "", Exit(9, "useradd: user '"+name+"' already exists")
		}
	}
	gid := 900 - len(h.groups())
	if wanted := given["--gid"]; wanted != "" {
		g, ok := h.group(wanted)
		if !ok {
			return "", Exit(6, "useradd: group '"+wanted+"' does not exist")
		}
		gid = g.GID
	} else if _, err := h.groupadd(modules.Command{Argv: []string{"groupadd", name}}); err != nil {
		return "", err
	}
	home, shell := given["--home-dir"], given["--shell"]
	if home == "" {
		home = "/home/" + name
	}
	if shell == "" {
		shell = "/bin/sh"
	}
	h.appendLine("/etc/passwd", fmt.Sprintf("%s:x:%d:%d::%s:%s", name, 900-len(h.accounts()), gid, home, shell))
	return "", h.join(name, given["--groups"])
}

func (h *Host) usermod(c modules.Command) (string, error) {
	given, name := options(c.Argv[1:])
	lines := strings.Split(strings.TrimSpace(h.Content("/etc/passwd")), "\n")
	for i, line := range lines {
		f := strings.Split(line, ":")
		if f[0] != name {
			continue
		}
		if wanted := given["--gid"]; wanted != "" {
			g, ok := h.group(wanted)
			if !ok {
				return "", Exit(6, "usermod: group '"+wanted+"' does not exist")
			}
			f[3] = fmt.Sprint(g.GID)
		}
		if given["--home"] != "" {
			f[5] = given["--home"]
		}
		if given["--shell"] != "" {
			f[6] = given["--shell"]
		}
		lines[i] = strings.Join(f, ":")
		h.Put("/etc/passwd", strings.Join(lines, "\n")+"\n")
		return "", h.join(name, given["--groups"])
	}
	return "", Exit(6, "usermod: user '"+name+"' does not exist")
}

// join adds an account to groups.
func (h *Host) join(name, groups string) error {
	if groups == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(h.Content("/etc/group")), "\n")
	for _, wanted := range strings.Split(groups, ",") {
		i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, wanted+":") })
		if i < 0 {
			return Exit(6, "group '"+wanted+"' does not exist")
		}
		head, members := lines[i][:strings.LastIndex(lines[i], ":")+1], lines[i][strings.LastIndex(lines[i], ":")+1:]
		if members != "" {
			members += ","
		}
		lines[i] = head + members + name
	}
	h.Put("/etc/group", strings.Join(lines, "\n")+"\n")
	return nil
}

// options splits the arguments of useradd and its like: options with a value,
// flags, and the name after "--".
func options(args []string) (given map[string]string, name string) {
	given = map[string]string{}
	flags := []string{"--system", "--no-create-home", "--append", "--create-home", "--user-group"}
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--":
		case slices.Contains(flags, args[i]):
			given[args[i]] = "yes"
		case strings.HasPrefix(args[i], "--") && i+1 < len(args):
			given[args[i]] = args[i+1]
			i++
		default:
			name = args[i]
		}
	}
	return given, name
}
