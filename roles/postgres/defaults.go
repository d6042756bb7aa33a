package postgres

import "maps"

// defaults are the cluster's settings that differ from PostgreSQL's, with the
// reason of each. What depends on the size of a host is in Local.
func defaults() map[string]string {
	set := map[string]string{
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
		// Slots keep what replicas need; this is for one that has none for a
		// moment. It cannot follow a host's disk: Patroni takes it from what all
		// members share, and ignores it in a member's own configuration.
		"wal_keep_size":   "128MB",
		"wal_compression": "lz4",
		// Switching it on later restarts every member. The command succeeds and
		// keeps nothing, until something takes the archive over.
		"archive_mode":    "on",
		"archive_command": NoArchive,
		// Fewer full-page images, no bursts of writes.
		"checkpoint_timeout": "15min",
		// Of today's disks, not of spinning ones.
		"random_page_cost":         "1.1",
		"effective_io_concurrency": "200",
		"password_encryption":      "scram-sha-256",
		// A dead client is found in two minutes, not in two hours, and one that
		// has data on its way in one.
		"tcp_keepalives_idle":     "60",
		"tcp_keepalives_interval": "10",
		"tcp_keepalives_count":    "6",
		"tcp_user_timeout":        "60000",
		// A forgotten transaction holds vacuum back everywhere.
		"idle_in_transaction_session_timeout": "10min",
		// The default budget of a vacuum, 200, was made for spinning disks, and
		// a big table gets ahead of it.
		"autovacuum_vacuum_cost_limit": "2000",
		// A tenth of a big table is a lot of dead rows already.
		"autovacuum_vacuum_scale_factor":  "0.1",
		"autovacuum_analyze_scale_factor": "0.05",
		"track_io_timing":                 "on",
		"shared_preload_libraries":        "pg_stat_statements",
	}
	maps.Copy(set, logDefaults())
	return set
}

// NoArchive is an archive_command that succeeds and keeps nothing.
const NoArchive = "/bin/true"

// logDefaults write the log to files, by a process of PostgreSQL's own. A
// journal that stands still would stop every new connection.
func logDefaults() map[string]string {
	return map[string]string{
		"logging_collector": "on",
		"log_destination":   "jsonlog",
		"log_directory":     LogDirectory,
		// One file a day of the week, which the next week overwrites: no job has
		// to remove old ones.
		"log_filename":             "postgresql-%a.log",
		"log_rotation_age":         "1d",
		"log_rotation_size":        "0",
		"log_truncate_on_rotation": "on",
		"log_file_mode":            "0640",
		// For what is logged before the collector runs.
		"log_line_prefix":    "%m [%p] %q%u@%d %h %a ",
		"log_timezone":       "UTC",
		"log_checkpoints":    "on",
		"log_connections":    "on",
		"log_disconnections": "on",
		"log_lock_waits":     "on",
		"log_temp_files":     "10MB",
		// What waits a second is felt by a user; a vacuum of ten is worth a line.
		"log_min_duration_statement":  "1s",
		"log_autovacuum_min_duration": "10s",
	}
}

// LogDirectory is where Debian's packages make room for PostgreSQL's log.
const LogDirectory = "/var/log/postgresql"
