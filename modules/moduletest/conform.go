// Package moduletest holds modules to what all of them promise.
package moduletest

import (
	"context"
	"testing"

	"github.com/pgrun/pgrun/modules"
)

// Conform checks a module on a machine that lacks it, applies its change and
// checks again: there is a change with a reason, only Apply changes the
// machine (state tells it apart), and after it nothing is left to do.
func Conform(t *testing.T, h modules.Host, m modules.Module, state func() string) {
	t.Helper()
	ctx := context.Background()
	before := state()
	change, err := m.Check(ctx, h)
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	if change == nil {
		t.Fatal("a machine that lacks it needs no change")
	}
	if after := state(); after != before {
		t.Fatalf("check changed the machine from\n%s\nto\n%s", before, after)
	}
	if change.Summary == "" {
		t.Error("the change has no reason")
	}
	if m.String() == "" {
		t.Error("the step has no name")
	}
	if err := change.Apply(ctx, h); err != nil {
		t.Fatalf("apply: %v\n%s", err, state())
	}
	again, err := m.Check(ctx, h)
	if err != nil {
		t.Fatalf("check after apply: %v", err)
	}
	if again != nil {
		t.Errorf("after apply it still wants: %s\n%s", again.Summary, state())
	}
}
