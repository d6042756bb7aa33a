package report

import (
	"math"
	"strings"
)

// narrow is the room below which a text is not wrapped.
const narrow = 20

// room is how many columns are left beside those that are used; as many as you
// like where lines may be of any length.
func (v *view) room(used int) int {
	if v.columns == nil {
		return math.MaxInt32
	}
	return v.columns() - used
}

// wrap parts a text into lines; those that do not fit the room are broken at
// spaces.
func wrap(text string, room int) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if room < narrow {
		return lines
	}
	var wrapped []string
	for _, l := range lines {
		for {
			head, tail := split(l, room)
			wrapped = append(wrapped, head)
			if tail == "" {
				break
			}
			l = tail
		}
	}
	return wrapped
}

// split breaks a line at the last space that fits, or where it must.
func split(line string, room int) (head, tail string) {
	end := fitting(line, room)
	if end == len(line) {
		return line, ""
	}
	if at := strings.LastIndexByte(line[:end+1], ' '); at > end/2 {
		return line[:at], line[at+1:]
	}
	return line[:end], line[end:]
}

// indented puts a prefix before each line of a text.
func (v *view) indented(text, prefix string) string {
	var b strings.Builder
	for _, l := range wrap(text, v.room(len(prefix))) {
		b.WriteString(strings.TrimRight(prefix+l, " ") + "\n")
	}
	return b.String()
}
