package postgres

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

var parameterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)

// managed are the settings that belong to Patroni or to other keys.
func managed() map[string]string {
	return map[string]string{
		"port":                      "write postgres.port",
		"listen_addresses":          "Patroni sets it from the host's address",
		"data_directory":            "write postgres.data_dir",
		"hba_file":                  "write postgres.hba",
		"ident_file":                "Patroni keeps it beside the data",
		"config_file":               "Patroni keeps it beside the data",
		"primary_conninfo":          "Patroni sets it",
		"primary_slot_name":         "Patroni sets it",
		"hot_standby":               "Patroni sets it",
		"cluster_name":              "Patroni sets it from cluster.name",
		"synchronous_standby_names": "write patroni.synchronous_mode",
		"unix_socket_directories":   "it stays where Debian's clients look",
		"wal_log_hints":             "it stays on: pg_rewind needs it",
		"include":                   "it is no setting",
		"include_dir":               "it is no setting",
		"include_if_exists":         "it is no setting",
		"password_encryption":       "it stays scram-sha-256: the verifiers are",
	}
}

func (r *Role) validateParameters(v *runner.View) {
	for name, value := range r.Parameters {
		key := "parameters." + name
		if !parameterName.MatchString(name) {
			v.Problem("parameters", "%q is no name of a setting", name)
			continue
		}
		lower := strings.ToLower(name)
		text, err := settingText(value)
		instead, managed := managed()[lower]
		switch {
		case managed:
			v.Problem(key, "cannot be set here: %s", instead)
		case strings.HasPrefix(lower, "recovery_target"):
			v.Problem(key, "cannot be set here: it is of one recovery, and every replica would stop there")
		case err != nil:
			v.Problem(key, "%v", err)
		case controlled(lower, value != nil, text) != "":
			v.Problem(key, "%s", controlled(lower, value != nil, text))
		case (lower == "fsync" || lower == "full_page_writes") && slices.Contains([]string{"off", "false", "no", "0"}, strings.ToLower(text)):
			v.Warning(key, "a crash of the host can then spoil the data beyond repair")
		}
	}
}

// controlled says what Patroni would not take of the settings that all members
// must agree on. It puts its own default in the place of a wrong value without
// a word, and so of one that is missing.
func controlled(name string, set bool, text string) string {
	least, is := map[string]int{
		"max_connections": 25, "max_locks_per_transaction": 32, "max_prepared_transactions": 0,
		"max_replication_slots": 4, "max_wal_senders": 3, "max_worker_processes": 2,
	}[name]
	switch {
	case name == "wal_level" && !slices.Contains([]string{"replica", "logical"}, text):
		return "Patroni takes replica or logical"
	case !is:
		return ""
	case !set:
		return "cannot be taken back: write the number that it shall have"
	}
	if n, err := strconv.Atoi(text); err != nil || n < least {
		return fmt.Sprintf("Patroni takes no less than %d, and a number without a unit", least)
	}
	return ""
}
