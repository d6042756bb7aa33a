package fake

import (
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// sysctl sets what a file of /etc/sysctl.d says. As systemd's does, it passes
// over keys that the kernel does not have, or does not let anybody write.
func (h *Host) sysctl(c modules.Command) (string, error) {
	for line := range strings.Lines(h.Content(c.Argv[len(c.Argv)-1])) {
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		path := "/proc/sys/" + strings.ReplaceAll(strings.TrimSpace(key), ".", "/")
		h.mu.Lock()
		f := h.files[path]
		h.mu.Unlock()
		if f != nil && f.mode.Perm()&0o200 != 0 {
			h.Put(path, strings.TrimSpace(value)+"\n")
		}
	}
	return "", nil
}
