package playbooks

// Serial is how many hosts of a play work at a time: one batch after the
// other, the last size repeated. Empty: all hosts at once.
type Serial []Batch

// Batch is the size of a batch: a number of hosts, or a percentage of the
// play's hosts (rounded down, at least one host).
type Batch struct {
	Hosts   int
	Percent int
}

func (b Batch) size(hosts int) int {
	if b.Percent > 0 {
		return max(1, hosts*b.Percent/100)
	}
	return b.Hosts
}

// Split returns the sizes of the batches that a number of hosts falls into.
func (s Serial) Split(hosts int) []int {
	var sizes []int
	for i, left := 0, hosts; left > 0; i++ {
		size := left
		if len(s) > 0 {
			size = min(left, s[min(i, len(s)-1)].size(hosts))
		}
		sizes = append(sizes, size)
		left -= size
	}
	return sizes
}

// one says whether the batches are of one host each.
func (s Serial) one() bool {
	for _, b := range s {
		if b.Hosts != 1 {
			return false
		}
	}
	return true
}
