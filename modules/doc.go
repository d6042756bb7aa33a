// Package modules holds the idempotent primitives that roles are made of, one
// file a kind, and the two interfaces through which they see a machine.
//
// A module is a value that describes wanted state. Its Check gets a Reader,
// which cannot change anything, and returns the Change that would bring the
// machine there, or nil. So check mode needs no discipline: a module that
// writes while it checks does not compile.
//
// modules/local implements Host for the machine that the process runs on,
// modules/fake for tests, in memory.
package modules
