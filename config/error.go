package config

import (
	"fmt"
	"strings"
)

// mostTold is how many problems are printed: about two screens.
const mostTold = 40

// Error is all that is wrong with the input.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	var texts []string
	for _, problem := range e.Problems[:min(len(e.Problems), mostTold)] {
		texts = append(texts, problem.Text())
	}
	if more := len(e.Problems) - mostTold; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more, which are shown when these are gone", more))
	}
	return strings.Join(texts, "\n")
}
