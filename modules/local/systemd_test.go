//go:build linux

package local

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coreos/go-systemd/v22/dbus"
)

// TestASystemdThatTakesNoConnection is not waited for.
func TestASystemdThatTakesNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		began := time.Now()
		_, err := within(ctx, answer, func(ctx context.Context) (*dbus.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if err == nil || !strings.Contains(err.Error(), "no connection within 25s") || time.Since(began) > answer {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
