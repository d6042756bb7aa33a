// Package local is the machine that the process runs on: a modules.Host for
// Linux with systemd. It is the one place that touches files, processes,
// sockets and systemd.
package local
