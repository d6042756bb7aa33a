// Package report shows a run to its operator. Everything is a reader of one
// ordered stream of runner.Event:
//
//	Terminal  one live line per host at the bottom, what happened above it
//	Plain     lines only: not a terminal, NO_COLOR or TERM=dumb; a step that
//	          takes long says every 10 s that it lives
//	JSON      the events, one a line
//	Log       the same with timestamps, appended to a file that only its owner reads
//
// The texts show changes, failures and notes; what is unchanged is one line a
// play (with Verbose each step). What hosts supply is cleaned of control bytes
// first and indented, so that no host can write a line that looks like pgrun's.
package report
