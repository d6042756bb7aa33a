package report

import (
	"strings"
	"unicode"

	eastasian "golang.org/x/text/width"
)

// width is how many columns of a terminal a text takes.
func width(s string) int {
	sum := 0
	for _, r := range s {
		sum += columnsOf(r)
	}
	return sum
}

func columnsOf(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch eastasian.LookupRune(r).Kind() {
	case eastasian.EastAsianWide, eastasian.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// fitting is how many bytes of a text fit a width.
func fitting(s string, room int) int {
	for at, r := range s {
		if room -= columnsOf(r); room < 0 {
			return at
		}
	}
	return len(s)
}

// cut shortens a text to a width.
func cut(s string, to int) string {
	if fitting(s, to) == len(s) {
		return s
	}
	if to < 1 {
		return ""
	}
	return s[:fitting(s, to-1)] + "~"
}

func pad(s string, to int) string { return s + strings.Repeat(" ", max(0, to-width(s))) }
