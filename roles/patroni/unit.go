package patroni

import (
	_ "embed"
	"time"

	"github.com/pgrun/pgrun/modules"
)

const (
	unitName   = "patroni.service"
	dropInPath = "/etc/systemd/system/patroni.service.d/pgrun.conf"
)

// dropIn goes over the package's unit, so that upgrades of it still count.
//
// What runs below Patroni is the database with whatever archives, extensions
// and programs it was given, so it is shielded less than the other services:
// PrivateTmp would hide sockets in /tmp and files that people exchange with
// COPY, ProtectHome data and keys of backups that lie there, RestrictSUIDSGID
// and RestrictNamespaces would fail commands that copy modes or use containers.
// And where a container may not mount, a unit with ProtectSystem does not start.
func dropIn(data string, container bool) string {
	shield := "ProtectSystem=full\nProtectControlGroups=yes\n"
	if container {
		shield = ""
	}
	return `# Written by pgrun.
[Unit]
After=network-online.target etcd.service
Wants=network-online.target
# Without its disk this member would look like a new one, and copy the leader.
RequiresMountsFor=` + data + `
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=5
# The stop waits for PostgreSQL's last checkpoint; killed earlier, it would
# need a recovery.
TimeoutStopSec=300
LimitNOFILE=65536
LimitCORE=0
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
` + shield + `# The kernel takes a backend before it takes Patroni or the postmaster.
OOMScoreAdjust=-900
Environment=PG_OOM_ADJUST_FILE=/proc/self/oom_score_adj
Environment=PG_OOM_ADJUST_VALUE=0
`
}

//go:embed validate.py
var validation string

// service is Patroni's unit. A changed configuration is read anew at once; a
// changed unit waits for the action restart.
func service() modules.Service {
	return modules.Service{
		Name: unitName, Reload: []string{configPath}, Restart: []string{dropInPath},
		Deadline: 2 * time.Minute,
	}
}

func configFile(content []byte) modules.File {
	return modules.File{
		Path: configPath, Content: string(content),
		Attributes: modules.Attributes{Owner: "root", Group: "postgres", Mode: 0o640},
		// It looks into the data folder, so it is postgres, and it loads no module
		// from the current folder or that user's home.
		Validate:     []string{"/usr/bin/python3", "-I", "-c", validation, "{}"},
		ValidateUser: superuser,
	}
}
