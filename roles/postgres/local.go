package postgres

import (
	"context"
	"fmt"
	"maps"
	"path"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	megabyte = int64(1 << 20)
	gigabyte = int64(1 << 30)
)

// Machine is the size of a host, as far as settings follow from it.
type Machine struct {
	CPUs         int
	Memory, Disk int64 // bytes; Disk is the file system that holds the data
}

// Machine measures the host. A container sees the machine below it, which it
// shares with others: there the size is that of a small host.
func (r *Role) Machine(ctx context.Context, o *runner.Observer, data string) (Machine, error) {
	disk, err := diskOf(ctx, o, data)
	if err != nil {
		return Machine{}, err
	}
	m := Machine{CPUs: o.Facts.CPUs, Memory: o.Facts.Memory, Disk: disk}
	if o.Facts.Container {
		m.Memory, m.Disk = min(m.Memory, 2*gigabyte), min(m.Disk, 20*gigabyte)
	}
	return m, nil
}

// diskOf is the size of the file system on which a folder lies or will lie.
func diskOf(ctx context.Context, o *runner.Observer, folder string) (int64, error) {
	for folder != "/" {
		if _, err := o.Lstat(ctx, folder); err == nil {
			break
		}
		folder = path.Dir(folder)
	}
	result, err := o.Query(ctx, modules.Command{Argv: []string{"df", "--block-size=1", "--output=size", folder}})
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(result.Stdout))
	if len(fields) == 0 {
		return 0, fmt.Errorf("df printed no size of %s", folder)
	}
	size, err := strconv.ParseInt(fields[len(fields)-1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("df printed %q as the size of %s", fields[len(fields)-1], folder)
	}
	return size, nil
}

// Local are the settings that follow from a host's size. The section's own
// values count instead of them.
func (r *Role) Local(m Machine) map[string]string {
	set := memory(m.Memory, r.connections())
	maps.Copy(set, wal(m.Disk))
	// A third of the processors may vacuum; the rest is for queries.
	set["autovacuum_max_workers"] = strconv.Itoa(min(max(m.CPUs/3, 3), 8))
	set["max_parallel_workers"] = strconv.Itoa(min(max(m.CPUs, 2), 16))
	for name := range r.Parameters {
		delete(set, strings.ToLower(name))
	}
	return set
}

func (r *Role) connections() int64 {
	set, _ := r.Settings()
	n, err := strconv.ParseInt(set["max_connections"], 10, 64)
	if err != nil || n < 1 {
		return 200 // Validate reports it
	}
	return n
}

// memory is shared out as the manual has it: a quarter for shared_buffers, up
// to 16 GB, from where on more is to be measured and not assumed; three
// quarters as the planner's guess of what the kernel caches. A vacuum or an
// index gets a 32nd, so that a handful of them at a time stay within a few
// 32nds. All connections that sort at once take a quarter. Steps of 64, 16 and
// 4 MB keep a kernel that leaves some megabytes more or less from being a
// reason for a restart.
func memory(memory, connections int64) map[string]string {
	return map[string]string{
		"shared_buffers":       size(memory/4, 64*megabyte, 128*megabyte, 16*gigabyte),
		"effective_cache_size": size(memory/4*3, 64*megabyte, 256*megabyte, memory),
		"maintenance_work_mem": size(memory/32, 16*megabyte, 64*megabyte, 2*gigabyte),
		"work_mem":             size(memory/4/connections, 4*megabyte, 4*megabyte, 64*megabyte),
	}
}

// wal keeps the WAL within a fraction of the disk: 5 % between two
// checkpoints, and 10 % for replicas that are away for long. Such a replica
// loses its slot, and is copied again, before the disk is full. Each is a power
// of two, which a file system that grows or shrinks a little does not change.
func wal(disk int64) map[string]string {
	between := powerOfTwo(disk/20, 128*megabyte, 8*gigabyte)
	return map[string]string{
		"max_wal_size":           text(between),
		"min_wal_size":           text(max(between/8, 80*megabyte)),
		"max_slot_wal_keep_size": text(powerOfTwo(disk/10, 256*megabyte, 256*gigabyte)),
	}
}

// size is a number of bytes between two bounds, rounded down to a step.
func size(bytes, step, least, most int64) string {
	return text(max(min(bytes, most)/step*step, least))
}

// powerOfTwo is the greatest one that is not above, between two bounds.
func powerOfTwo(bytes, least, most int64) int64 {
	power := least
	for power*2 <= min(bytes, most) {
		power *= 2
	}
	return power
}

func text(bytes int64) string { return fmt.Sprintf("%dMB", bytes/megabyte) }
