package worker

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// TestLongTextsFitAFrame: a frame that is too long would end the run.
func TestLongTextsFitAFrame(t *testing.T) {
	long := strings.Repeat("\x01", 1<<20) // six bytes each in JSON
	exit := &modules.ExitError{Argv: []string{"psql", long, long}, Code: 1, Stderr: long + "the end"}
	role := &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
		tt.Skip(ctx, long, long)
		broken := step(long, func(context.Context) error { return modules.Hint(fmt.Errorf("%s: %w", long, exit), "%s", long) })
		change := modules.Func{Name: "file", Find: func(context.Context, modules.Reader) (*modules.Change, error) {
			return &modules.Change{Summary: long, After: []byte(long), Apply: func(context.Context, modules.Host) error { return nil }}, nil
		}}
		return tt.Ensure(ctx, change, broken)
	}}
	b := start(t, role, filepath.Join(t.TempDir(), "lock"), 0)
	b.setup(false)
	failure := b.apply()
	if failure == nil || !strings.HasSuffix(failure.Output, "the end") || failure.Argv[0] != "psql" {
		t.Fatal("what the end says is lost")
	}
	if steps := slices.DeleteFunc(b.events, func(e runner.Event) bool { return e.Event != runner.EventStep }); len(steps) != 3 {
		t.Fatalf("%d steps", len(steps))
	}
}

func TestNoPartOfASecretLeavesWhereATextIsCut(t *testing.T) {
	const secret = "correct-horse-battery-staple"
	role := &scripted{}
	role.apply = func(ctx context.Context, tt *runner.Target) error {
		tt.Hide(secret)
		for _, most := range []int{wire.MaxWhy, wire.MaxError, wire.MaxOutput, wire.MaxStep} {
			for cut := 1; cut < len(secret); cut += 5 {
				tt.Skip(ctx, "x", strings.Repeat("x", most-cut)+secret)
			}
		}
		text := strings.Repeat("x", wire.MaxError-10) + secret
		return &modules.ExitError{Argv: []string{text}, Stderr: secret + strings.Repeat("x", wire.MaxOutput-10)}
	}
	b := start(t, role, filepath.Join(t.TempDir(), "lock"), 0)
	b.setup(false)
	failure := b.apply()
	if failure == nil {
		t.Fatal("no failure")
	}
	texts := []string{failure.Error, failure.Output, strings.Join(failure.Argv, " ")}
	for _, e := range b.events {
		texts = append(texts, e.Why, e.Step)
	}
	for _, text := range texts {
		for from := 0; from+5 <= len(secret); from++ {
			if strings.Contains(text, secret[from:from+5]) {
				t.Fatalf("%q of the secret is told: ...%s", secret[from:from+5], text[max(0, len(text)-40):])
			}
		}
	}
}
