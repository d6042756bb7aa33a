package lab

import (
	"context"
	"fmt"
	"strings"
)

const (
	pin     = "/etc/apt/preferences.d/lab"
	sources = "/etc/apt/sources.list.d/lab.sources"
)

// Former is the release whose etcd and Patroni hosts begin with that were held back, so that there are truly newer ones for
// them; "" is none that would still run there.
func (l *Lab) Former() string {
	if l.Release == "trixie" {
		return "bookworm"
	}
	return ""
}

// holdBack hides the security suite's PostgreSQL and HAProxy from apt: the point release that Debian was published with is
// then the newest that the host knows of. Of etcd and Patroni it knows what the former release has.
func (l *Lab) holdBack(ctx context.Context, h *Host) error {
	pins := fmt.Sprintf("Package: postgresql-* libpq5 libpq-dev haproxy\nPin: release n=%s-security\nPin-Priority: -1\n", l.Release)
	former := l.Former()
	if former == "" {
		_, err := h.Feed(ctx, strings.NewReader(pins), "tee", pin)
		return err
	}
	pins += fmt.Sprintf("\nPackage: etcd-server etcd-client patroni\nPin: release n=%s\nPin-Priority: -1\n", l.Release)
	if _, err := h.Feed(ctx, strings.NewReader(pins), "tee", pin); err != nil {
		return err
	}
	source := fmt.Sprintf("Types: deb\nURIs: http://deb.debian.org/debian\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n", former)
	if _, err := h.Feed(ctx, strings.NewReader(source), "tee", sources); err != nil {
		return err
	}
	_, err := h.Exec(ctx, "apt-get", "update", "-q")
	return err
}

// Publish lets hosts that were held back see the newer versions: from now on there is something to upgrade.
func (l *Lab) Publish(ctx context.Context) error {
	return l.each(ctx, func(ctx context.Context, h *Host) error { return h.Publish(ctx) })
}

// Publish lets one host see them, as a mirror does that is ahead of the others'.
func (h *Host) Publish(ctx context.Context) error {
	_, err := h.Exec(ctx, "rm", "--force", pin)
	return err
}
