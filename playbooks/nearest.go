package playbooks

// nearest returns the name that a wrong one was probably meant to be; "" when
// none is near.
func nearest(wrong string, names []string) string {
	best, distance := "", len(wrong)/3+2
	for _, name := range names {
		if d := edits(wrong, name); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// edits is the number of letters to add, drop, replace or swap with a neighbour.
func edits(a, b string) int {
	before := make([]int, len(b)+1)
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
