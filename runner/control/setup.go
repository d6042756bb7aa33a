package control

import (
	"context"
	"fmt"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// errSlow is a worker that does not come up.
var errSlow = fmt.Errorf("the worker gave no answer within %s", answer)

// set tells the worker about its host and cluster. The frames go out together;
// only the last is answered.
func (l *link) set(ctx context.Context, peers [][]wire.Peer, setup wire.Setup) error {
	bounded, cancel := context.WithTimeoutCause(ctx, answer, errSlow)
	defer cancel()
	hello, err := l.next(bounded)
	if err != nil {
		return err
	}
	if hello.Hello == nil {
		return l.unreachable(fmt.Errorf("%w: the worker does not begin with hello", wire.ErrFrame))
	}
	for _, some := range peers {
		if err := l.send(wire.Request{Peers: some}); err != nil {
			return l.unreachable(l.explain(err))
		}
	}
	if setup.Wait { // for another run on this machine, or the operator
		bounded = ctx
	}
	if err := l.send(wire.Request{Setup: &setup}); err != nil {
		return l.unreachable(l.explain(err))
	}
	reply, err := l.next(bounded)
	switch {
	case err != nil:
		return err
	case reply.Ready == nil:
		return l.unreachable(fmt.Errorf("%w: the worker does not answer the set-up", wire.ErrFrame))
	case reply.Ready.Failure != nil:
		return &workerFailure{reply.Ready.Failure}
	}
	return nil
}

// workerFailure is what a worker said went wrong.
type workerFailure struct{ failure *runner.Failure }

func (e *workerFailure) Error() string { return e.failure.Error }
