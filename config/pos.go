package config

import "strconv"

// Pos is a place in a file; lines and columns count from 1. Without a line it
// is the file as a whole, without a file it is nowhere (a flag).
type Pos struct {
	File         string
	Line, Column int

	source *source
	secret bool // what stands there must not be shown
}

// String returns file:line:column, as far as they are known.
func (p Pos) String() string {
	text := p.File
	for _, n := range []int{p.Line, p.Column} {
		if n == 0 {
			break
		}
		text += ":" + strconv.Itoa(n)
	}
	return text
}

// IsZero says whether the place is nowhere.
func (p Pos) IsZero() bool { return p.File == "" && p.Line == 0 }
