package config

import (
	"fmt"
	"slices"
	"strings"
)

// Nearest returns the known name that a mistyped one probably means; "" when
// none is near.
func Nearest(name string, known []string) string {
	best, least := "", len([]rune(name))/3+1
	if least > 3 {
		least = 3
	}
	for _, candidate := range slices.Sorted(slices.Values(known)) {
		if strings.EqualFold(strings.ReplaceAll(name, "-", "_"), candidate) {
			return candidate
		}
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d <= least && (best == "" || d < least) {
			best, least = candidate, d
		}
	}
	return best
}

// abbreviated returns the one known name that a shorter one abbreviates, word
// by word: statistics_password for stats_password.
func abbreviated(name string, known []string) string {
	found := ""
	words := strings.Split(name, "_")
	for _, candidate := range known {
		full := strings.Split(candidate, "_")
		if len(words) < 2 || len(full) != len(words) {
			continue
		}
		same := 0
		for i, word := range words {
			if word != "" && full[i] != "" && word[0] == full[i][0] && subsequence(word, full[i]) {
				same++
			}
		}
		switch {
		case same < len(words):
		case found != "":
			return ""
		default:
			found = candidate
		}
	}
	return found
}

// subsequence says whether a word has the letters of another, in order.
func subsequence(letters, word string) bool {
	for _, letter := range letters {
		at := strings.IndexRune(word, letter)
		if at < 0 {
			return false
		}
		word = word[at+1:]
	}
	return true
}

// DidYouMean returns ` (did you mean "ttl"?)`, or ` (known: a, b)` where
// nothing is near and the list is short; "" otherwise.
func DidYouMean(name string, known []string) string {
	if near := Nearest(name, known); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	list := strings.Join(slices.Sorted(slices.Values(known)), ", ")
	if list != "" && len(list) <= 120 {
		return " (known: " + list + ")"
	}
	return ""
}

// distance is Damerau and Levenshtein's: insertions, deletions, substitutions
// and swaps of neighbours.
func distance(from, to string) int {
	a, b := []rune(from), []rune(to)
	const most = 64
	if len(a) > most || len(b) > most {
		return most
	}
	var two, one, row []int
	one = make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row = make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, one[j]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		two, one = one, row
	}
	return one[len(b)]
}
