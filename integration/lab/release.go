package lab

import (
	"context"
	"fmt"
	"strings"
)

const pin = "/etc/apt/preferences.d/lab"

// holdBack hides the security suite's PostgreSQL and HAProxy from apt: the point release that Debian was published with is
// then the newest that the host knows of.
func (h *Host) holdBack(ctx context.Context, release string) error {
	text := fmt.Sprintf("Package: postgresql-* libpq5 libpq-dev haproxy\nPin: release n=%s-security\nPin-Priority: -1\n", release)
	_, err := h.Feed(ctx, strings.NewReader(text), "tee", pin)
	return err
}

// Publish lets hosts that were held back see the newer point releases: from now on there is something to upgrade.
func (l *Lab) Publish(ctx context.Context) error {
	return l.each(ctx, func(ctx context.Context, h *Host) error { return h.Publish(ctx) })
}

// Publish lets one host see them, as a mirror does that is ahead of the others'.
func (h *Host) Publish(ctx context.Context) error {
	_, err := h.Exec(ctx, "rm", "--force", pin)
	return err
}
