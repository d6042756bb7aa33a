// Package integration runs the built binary against real hosts: systemd containers with sshd (see lab), and a client that
// writes all the while (see client). It imports nothing else of the module.
//
//	make test                                                    # everything
//	go test -tags integration -run TestCluster ./integration     # one cluster, its steps in order
//
// PGRUN names another binary than bin/pgrun; PGRUN_KEEP=1 leaves the hosts of a failed test for a look.
package integration
