// Package control carries a run out from the operator's side: it resolves the
// inventory for every host, connects to all of them at once, gives out plays
// and turns, and collects the events.
//
// Prepare does all that can be done without contacting anything, and reports
// every problem of the input at once. Run does the rest.
package control
