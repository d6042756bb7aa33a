// Package worker is pgrun on the host: it takes the frames of a controller,
// runs the roles and sends back what happened. Over SSH it is a process of
// its own (`pgrun worker`); with --local it runs inside the controller.
//
// A worker begins no new step once it is told to stop, its input ends, or the
// controller has been silent for Silence; it always ends the step in flight,
// then frees the lock and exits. So a cut connection, a killed controller and
// ^C never leave half a step.
package worker
