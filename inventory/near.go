package inventory

import (
	"strings"
	"unicode"
)

// near returns the known name that a mistyped one surely means, "" when there
// is none. It is stricter than a suggestion, since what it finds is refused:
// one slip, or two in a long name, and none in a name of three letters, where
// any other word is near.
func near(name string, known []string) string {
	written := plain(name)
	best, least := "", 3
	for _, candidate := range known {
		right := plain(candidate)
		if written == right {
			return candidate
		}
		for slips := 1; slips < least && slips <= allowed(name, candidate); slips++ {
			if within(written, right, slips) {
				best, least = candidate, slips
			}
		}
	}
	return best
}

// plain is a name without what is written in several ways.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// allowed is how many slips there may be between two names. What all of
// Ansible's own variables begin with says nothing.
func allowed(a, b string) int {
	if rest, ok := strings.CutPrefix(a, "ansible_"); ok {
		return allowedIn(max(len(rest), len(strings.TrimPrefix(b, "ansible_"))))
	}
	return allowedIn(min(len(a), len(b)))
}

func allowedIn(length int) int {
	switch {
	case length >= 8:
		return 2
	case length >= 4:
		return 1
	}
	return 0
}

// within says whether that many slips lead from one text to the other: a
// letter too many, one missing, another one, or two that changed places.
func within(a, b string, slips int) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	switch {
	case len(a) == 0 || len(b) == 0:
		return len(a)+len(b) <= slips
	case slips == 0:
		return false
	case swapped(a, b) && within(a[2:], b[2:], slips-1):
		return true
	}
	return within(a[1:], b, slips-1) || within(a, b[1:], slips-1) || within(a[1:], b[1:], slips-1)
}

func swapped(a, b string) bool {
	return len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0]
}
