// Package playbooks parses plays and holds the built-in playbooks.
//
// A playbook is a list of plays in Ansible's form:
//
//   - name: etcd
//     hosts: etcd                        # a pattern, or a list of patterns
//     any_errors_fatal: true             # one failed host ends the run
//     serial: [1, "30%"]                 # hosts at a time: number, percent, or a list of both
//     tags: [etcd]
//     roles:
//   - etcd                           # brings the role's hosts to their described state
//   - {role: os, tags: [kernel]}
//   - hosts: etcd
//     roles: [{role: etcd, action: restart}]
//   - import_playbook: balancers.yml     # relative to this file
//
// A play with an action that runs one host at a time holds nothing else: hosts
// are surveyed and take turns for exactly one thing, and what comes before or
// after it is a play of its own. Its serial, if any, is 1.
//
// A batch of a serial play of which no host is left ends the run.
//
// A playbook named without a folder, which does not exist in the working
// folder, is the built-in one of that name; the same goes for import_playbook.
// What Ansible has and pgrun has not is a problem at its place that says why.
package playbooks
