package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// SystemFolder says why a folder must not be given to a service for its data;
// "" is a folder that may be. The system's own folders must stay root's, and so
// must those that they lie in: who owns a folder decides what is in it.
func SystemFolder(folder string) string {
	for _, system := range systemFolders() {
		if folder == system || isBelow(system, folder) {
			return fmt.Sprintf("%s holds what belongs to the system: name a folder for the data alone, as in /data/NAME", folder)
		}
	}
	for _, system := range closedFolders() {
		if isBelow(folder, system) {
			return fmt.Sprintf("%s lies in %s, which belongs to the system or does not outlive a boot: name a folder below /var/lib, /srv, /data or /mnt", folder, system)
		}
	}
	return ""
}

// systemFolders are those that no service may have, nor a folder above them.
func systemFolders() []string {
	return slices.Concat(closedFolders(), []string{
		"/home", "/media", "/opt",
		"/var/backups", "/var/lib/AccountsService", "/var/lib/polkit-1", "/var/local", "/var/log", "/var/mail", "/var/opt", "/var/spool",
	})
}

// closedFolders are those in which there is no place for data either.
func closedFolders() []string {
	return []string{
		"/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root", "/run", "/sbin",
		"/sys", "/tmp", "/usr", "/var/cache", "/var/lib/apt", "/var/lib/dpkg", "/var/lib/pgrun", "/var/lib/systemd",
		"/var/lock", "/var/run", "/var/tmp",
	}
}

// DataRoot says whether a folder is, or lies in, a place where people put data.
func DataRoot(folder string) bool {
	return isBelow(folder, "/var/lib") || slices.ContainsFunc([]string{"/srv", "/data", "/mnt"}, func(root string) bool {
		return folder == root || isBelow(folder, root)
	})
}

func isBelow(folder, root string) bool {
	return strings.HasPrefix(folder, strings.TrimSuffix(root, "/")+"/")
}

// SomebodyElses says whose a folder is that a service cannot be given: one that
// is not the service's own and holds anything but the names in own and the
// lost+found of a disk. "" is one that is not there, empty, or the service's.
func SomebodyElses(ctx context.Context, r Reader, folder, service string, own ...string) (owner string, err error) {
	stat, err := r.Lstat(ctx, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil || stat.Owner == service || !stat.Mode.IsDir() {
		return "", err
	}
	names, err := r.ReadDir(ctx, folder)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if name != "lost+found" && !slices.Contains(own, name) {
			return stat.Owner, nil
		}
	}
	return "", nil
}
