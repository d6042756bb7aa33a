package command

// The help is written by hand, to fit 80 columns and to be read in order; a
// test holds it against the flags.
const helpTemplate = `pgrun builds and runs highly available PostgreSQL clusters.

  pgrun PLAYBOOK [flags]
  pgrun VERB [flags]

PLAYBOOK is a file, or a built-in playbook: site.yml brings all hosts to the
state that the inventory describes, rolling-upgrade.yml installs newer minor
versions one host at a time. Flags stand before or after it.

  pgrun init                                 write a starter inventory.yml
  pgrun site.yml -i inventory.yml --check    what would change
  pgrun site.yml -i inventory.yml            do it, over SSH
  pgrun site.yml -i inventory.yml --local    the same, on the host itself

Verbs (pgrun VERB --help)
  init                     write a commented starter inventory
  inventory                show groups, hosts, and where their values come from
  role [NAME]              print the keys of a role, their defaults and reasons
  version                  print the version, as --version does

What to run on
  -i, --inventory FILE     inventory file or folder, may be repeated
                           (default: inventory.yml)
  -e, --extra-vars VARS    variables laid over all others: key=value, YAML, or
                           @FILE; may be repeated
  -l, --limit PATTERN      only hosts of this pattern
  -t, --tags TAGS          only roles with one of these tags, a,b
      --skip-tags TAGS     not roles with one of these tags

How to run
  -C, --check              look, do not touch; exit 7: something would change
      --no-restart         change and reload, leave restarts for another time
      --max-outage TIME    refuse (6) before any change, if writes would be out
                           for longer: 0, 5s
      --local              run on this machine, which is one of the hosts
      --as HOST            with --local: which host this machine is
      --list-hosts         list the plays' hosts and end
      --list-tasks         list the plays' roles, actions and tags and end
      --syntax-check       check playbook, inventory and SSH settings and end

How to connect (the inventory's ansible_* variables and ~/.ssh/config count)
  -u, --user USER          log in as this user
      --private-key FILE   log in with this key
      --accept-new-host-keys
                           remember the keys of hosts seen for the first time
  -f, --forks N            connect to at most so many hosts at a time (50)

What to show
  -D, --diff               show what changes in files
  -v, --verbose            show unchanged and skipped steps too, and which
                           playbook is a built-in one
      --output text|json   json: the events, one a line, the recap last
      --log-file FILE      append all events as JSON lines to a file

Exit codes
  0    the hosts are as described (--check: nothing would change)
  1    an unexpected error
  2    a host failed
  3    a host could not be reached, none failed
  4    inventory, playbook or flags are wrong; no host was contacted
  5    another run holds a host's lock
  6    a safety gate refused
  7    with --check: something would change
  130  interrupted: steps in flight ended; run again to go on
`

const verbTemplate = `{{.UsageText}}

{{.Usage}}.{{if .Description}}
{{.Description}}{{end}}
`
