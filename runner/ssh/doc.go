// Package ssh is the way to a host: it opens an authenticated connection whose
// host key was checked, brings the pgrun binary there when it is missing, and
// starts the worker.
//
//	dialer := ssh.NewDialer(ssh.Options{Forks: 50})
//	defer dialer.Close()
//	if err := dialer.Validate(connection, "db1"); err != nil { ... } // contacts nobody
//	client, err := dialer.Open(ctx, connection, "db1")
//	stream, err := client.StartWorker(ctx, self, []string{"worker"})
//
// An [Error] says whether the host counts as unreachable or as failed, and what
// the operator can do.
//
// What it reads: the connection variables of the inventory, then the flags -u
// and --private-key, then ansible_ssh_common_args, then ~/.ssh/config and
// /etc/ssh/ssh_config. The first that sets a value counts. Keys come from files
// and from the agent, which is never forwarded. Host keys are always checked,
// on the host and on every jump host before it.
//
// Nothing waits for ever: dialling, handshake, start and a stalled upload have
// deadlines, and a connection whose other side is silent for 45 s is closed.
// Nothing of a host's is read without a limit.
package ssh
