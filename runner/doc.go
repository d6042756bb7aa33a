// Package runner is the contract between pgrun and its roles: what a role is,
// what it may know (View), look at (Observer) and change (Target), and the
// events that tell what happened.
//
// A role is Go code that runs on its own host, inside `pgrun worker`. It
// learns of other hosts from the inventory, from what their roles publish, or
// by asking a service from its own host.
//
// The packages below it carry a run out: wire has the frames, worker the side
// on the host, ssh the way there, control the plays and turns, report what the
// operator sees.
package runner
