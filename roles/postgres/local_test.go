package postgres

import (
	"maps"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

func TestLocal(t *testing.T) {
	for _, c := range []struct {
		name    string
		machine Machine
		want    map[string]string
	}{
		{"small", Machine{CPUs: 2, Memory: 4 * gigabyte, Disk: 20 * gigabyte}, map[string]string{
			"shared_buffers": "1024MB", "effective_cache_size": "3072MB", "maintenance_work_mem": "128MB", "work_mem": "4MB",
			"max_wal_size": "1024MB", "min_wal_size": "128MB", "max_slot_wal_keep_size": "2048MB",
			"autovacuum_max_workers": "3", "max_parallel_workers": "2",
		}},
		{"big", Machine{CPUs: 32, Memory: 256 * gigabyte, Disk: 2048 * gigabyte}, map[string]string{
			"shared_buffers": "16384MB", "effective_cache_size": "196608MB", "maintenance_work_mem": "2048MB", "work_mem": "64MB",
			"max_wal_size": "8192MB", "min_wal_size": "1024MB", "max_slot_wal_keep_size": "131072MB",
			"autovacuum_max_workers": "8", "max_parallel_workers": "16",
		}},
		{"tiny", Machine{CPUs: 1, Memory: 256 * megabyte, Disk: 2 * gigabyte}, map[string]string{
			"shared_buffers": "128MB", "effective_cache_size": "256MB", "maintenance_work_mem": "64MB", "work_mem": "4MB",
			"max_wal_size": "128MB", "min_wal_size": "80MB", "max_slot_wal_keep_size": "256MB",
			"autovacuum_max_workers": "3", "max_parallel_workers": "2",
		}},
	} {
		if got := (&Role{}).Local(c.machine); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	// Patroni takes these from the settings of all members only.
	for _, name := range []string{"wal_keep_size", "wal_level", "max_connections", "max_wal_senders", "max_worker_processes", "max_replication_slots"} {
		if value, is := (&Role{}).Local(Machine{CPUs: 64, Memory: gigabyte, Disk: gigabyte})[name]; is {
			t.Errorf("%s = %s of one member would not run", name, value)
		}
	}
	// Another kernel leaves some megabytes more or less: no reason to restart.
	more, less := (&Role{}).Local(Machine{Memory: 3899 * megabyte}), (&Role{}).Local(Machine{Memory: 3891 * megabyte})
	if !maps.Equal(more, less) || more["shared_buffers"] != "960MB" {
		t.Errorf("%v\n%v", more, less)
	}
	set := (&Role{Parameters: map[string]any{"Shared_Buffers": "1GB", "max_connections": 1000}}).Local(Machine{Memory: 64 * gigabyte})
	if set["shared_buffers"] != "" || set["work_mem"] != "16MB" {
		t.Errorf("the section's own settings do not count: %v", set)
	}
}

func TestMachine(t *testing.T) {
	h := fake.New()
	h.PutDir("/data", modules.Attributes{})
	asked := ""
	h.Answer(func(c modules.Command) (string, error) {
		asked = c.Argv[len(c.Argv)-1]
		return "   1B-blocks\n270000000000\n", nil
	}, "df")
	o := &runner.Observer{Reader: h, Facts: runner.Facts{CPUs: 4, Memory: 24 * gigabyte}}
	m, err := (&Role{}).Machine(t.Context(), o, "/data/17/main")
	if err != nil || m != (Machine{CPUs: 4, Memory: 24 * gigabyte, Disk: 270000000000}) || asked != "/data" {
		t.Errorf("%+v, %v, asked for %s", m, err, asked)
	}
	o.Facts.Container = true
	if m, err = (&Role{}).Machine(t.Context(), o, "/data/17/main"); err != nil || m.Memory != 2*gigabyte || m.Disk != 20*gigabyte {
		t.Errorf("in a container: %+v, %v", m, err)
	}
}
