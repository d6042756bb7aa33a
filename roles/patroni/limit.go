package patroni

import (
	"context"
	"slices"

	"github.com/pgrun/pgrun/runner"
)

// warnWithoutLeader says what a run leaves undone when --limit leaves out the
// host that does it for all.
func warnWithoutLeader(t *runner.Target, leader string) {
	if slices.Contains(t.LeftOut, leader) {
		t.Warn("%s leads and is not in this run (--limit): settings of the whole cluster, roles and databases were left as they are", leader)
	}
}

// warnOfRestarts names hosts outside of the run that need a restart as well:
// one of them may be the next leader.
func warnOfRestarts(ctx context.Context, t *runner.Target) {
	v := look(ctx, t, t.Group("postgres"))
	for _, name := range t.LeftOut {
		if v.Nodes[name].PendingRestart {
			t.Warn("PostgreSQL of %s needs a restart too, and %s is not in this run (--limit)", name, name)
		}
	}
}
