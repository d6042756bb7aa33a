package postgres

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// defaults are the cluster's settings that differ from PostgreSQL's, with the
// reason of each.
func defaults() map[string]string {
	return map[string]string{
		// Room for pools on several hosts; a pooler belongs in front of more.
		"max_connections":           "200",
		"max_worker_processes":      "16",
		"max_locks_per_transaction": "128",
		"max_wal_senders":           "10",
		"max_replication_slots":     "10",
		"max_prepared_transactions": "0",
		// pg_rewind needs it even where checksums are off.
		"wal_log_hints": "on",
		"wal_level":     "replica",
		// A replica that is away for long loses its slot before the disk is full.
		"max_slot_wal_keep_size": "16GB",
		"wal_keep_size":          "1GB",
		"wal_compression":        "lz4",
		// Fewer full-page images, no bursts of writes.
		"checkpoint_timeout": "15min",
		"max_wal_size":       "4GB",
		"min_wal_size":       "512MB",
		// Of today's disks, not of spinning ones.
		"random_page_cost":         "1.1",
		"effective_io_concurrency": "200",
		"password_encryption":      "scram-sha-256",
		// A dead client is found in two minutes, not in two hours.
		"tcp_keepalives_idle":     "60",
		"tcp_keepalives_interval": "10",
		"tcp_keepalives_count":    "6",
		// A forgotten transaction holds vacuum back everywhere.
		"idle_in_transaction_session_timeout": "10min",
		"track_io_timing":                     "on",
		"shared_preload_libraries":            "pg_stat_statements",
		// Patroni's standard error, so the journal, has the server's log too.
		"logging_collector":           "off",
		"log_destination":             "stderr",
		"log_line_prefix":             "%m [%p] %q%u@%d %h %a ",
		"log_timezone":                "UTC",
		"log_checkpoints":             "on",
		"log_connections":             "on",
		"log_disconnections":          "on",
		"log_lock_waits":              "on",
		"log_temp_files":              "10MB",
		"log_autovacuum_min_duration": "1min",
	}
}

// Settings are the cluster's settings: the defaults below what the section
// says, and those that the section takes back. The memory of a host is not
// among them, unless the section sets it.
func (r *Role) Settings() (set map[string]string, removed []string) {
	set = defaults()
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		value := r.Parameters[name]
		name = strings.ToLower(name)
		if value == nil {
			delete(set, name)
			removed = append(removed, name)
			continue
		}
		// Validate has reported what cannot be one.
		set[name], _ = settingText(value)
	}
	return set, removed
}

// Memory are the settings that depend on a host's memory: a quarter for
// shared_buffers, as the manual has it, and three quarters as the planner's
// guess of what the kernel caches. They are kept modest in a container, which
// sees the memory of the machine below it, and end at 16 GB, from where on
// more should be measured, not assumed. They go by steps of 64 MB: the few that
// another kernel leaves more or less are no reason for a restart.
func (r *Role) Memory(facts runner.Facts) map[string]string {
	const megabyte = 1 << 20
	buffers, cache := facts.Memory/4, facts.Memory/4*3
	most := int64(16 << 30)
	if facts.Container {
		most = 512 * megabyte
	}
	size := func(bytes int64) string { return fmt.Sprintf("%dMB", bytes/megabyte/64*64) }
	set := map[string]string{
		"shared_buffers":       size(max(min(buffers, most), 128*megabyte)),
		"effective_cache_size": size(max(cache, 256*megabyte)),
	}
	for name := range r.Parameters {
		delete(set, strings.ToLower(name))
	}
	return set
}

// settingText is a setting's value as PostgreSQL reads it.
func settingText(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		if strings.ContainsAny(v, "\n\r\x00") {
			return "", fmt.Errorf("the value has a line break, which postgresql.conf cannot hold")
		}
		return v, nil
	case bool:
		if v {
			return "on", nil
		}
		return "off", nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", fmt.Errorf("%v is no value of a setting", v)
		}
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("a setting is one value (text, number or true/false), not a %T", value)
}
