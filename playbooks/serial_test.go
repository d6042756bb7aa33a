package playbooks

import (
	"slices"
	"testing"
)

func TestSerialSplit(t *testing.T) {
	for _, c := range []struct {
		name   string
		serial Serial
		hosts  int
		want   []int
	}{
		{"all at once", nil, 5, []int{5}},
		{"no hosts", nil, 0, nil},
		{"by two", Serial{{Hosts: 2}}, 5, []int{2, 2, 1}},
		{"more than there are", Serial{{Hosts: 9}}, 5, []int{5}},
		{"percent, rounded down", Serial{{Percent: 30}}, 10, []int{3, 3, 3, 1}},
		{"percent, at least one", Serial{{Percent: 30}}, 2, []int{1, 1}},
		{"canary first", Serial{{Hosts: 1}, {Percent: 50}}, 7, []int{1, 3, 3}},
	} {
		if got := c.serial.Split(c.hosts); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
