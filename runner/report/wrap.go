package report

import "strings"

// narrow is the room below which a text is not wrapped.
const narrow = 20

// wrap parts a text into lines; where the columns are known, those that are too
// long for what is left beside the used ones are broken at spaces.
func (v *view) wrap(text string, used int) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if v.columns == nil || v.columns()-used < narrow {
		return lines
	}
	room := v.columns() - used
	var wrapped []string
	for _, l := range lines {
		for {
			head, tail := split([]rune(l), room)
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
func split(line []rune, room int) (head, tail string) {
	if len(line) <= room {
		return string(line), ""
	}
	for at := room; at > room/2; at-- {
		if line[at] == ' ' {
			return string(line[:at]), string(line[at+1:])
		}
	}
	return string(line[:room]), string(line[room:])
}

// indented puts a prefix before each line of a text.
func (v *view) indented(text, prefix string) string {
	var b strings.Builder
	for _, l := range v.wrap(text, len(prefix)) {
		b.WriteString(strings.TrimRight(prefix+l, " ") + "\n")
	}
	return b.String()
}
