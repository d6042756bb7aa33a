package modules

import (
	"context"
	"fmt"
	"time"
)

// PackageLists are apt's lists, fetched again when they are older than MaxAge:
// before an action asks which version is the newest. That counts as no change:
// it alters nothing that pgrun describes, and an upgrade with nothing to do
// shall say so.
type PackageLists struct {
	MaxAge time.Duration // 0 is 24 hours
}

func (m PackageLists) String() string { return "package lists" }

// Check goes by what pgrun fetched itself: the times of the lists say neither
// whether all of them were, nor whether that went well.
func (m PackageLists) Check(ctx context.Context, r Reader) (*Change, error) {
	age := m.MaxAge
	if age == 0 {
		age = listsMaxAge
	}
	fresh, err := listsFresh(ctx, r, age, aptStamp)
	if err != nil || fresh {
		return nil, err
	}
	return &Change{
		Summary:  fmt.Sprintf("missing, or older than %s", age),
		Deadline: updateDeadline + lockWait + time.Minute,
		Waits:    true,
		Apply: func(ctx context.Context, h Host) error {
			if err := awaitApt(ctx, h, lockWait); err != nil {
				return err
			}
			return updateLists(ctx, h)
		},
	}, nil
}
