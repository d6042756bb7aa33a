package ssh

import (
	"errors"
	"strings"
)

// splitWords splits at blanks as a shell does, with quotes and backslashes and
// nothing else.
func splitWords(text string) ([]string, error) {
	var s splitter
	return s.split(text)
}

type splitter struct {
	comments bool // an unquoted # ends the text
	words    []string
	word     strings.Builder
	begun    bool // a word, which may be empty
	quote    rune // that is open
	escaped  bool
}

func (s *splitter) split(text string) ([]string, error) {
	for _, r := range text {
		if s.comments && r == '#' && !s.begun {
			break
		}
		s.take(r)
	}
	if s.quote != 0 || s.escaped {
		return nil, errors.New("a quote is not closed")
	}
	s.end()
	return s.words, nil
}

func (s *splitter) take(r rune) {
	switch {
	case s.escaped:
		s.word.WriteRune(r)
		s.escaped = false
	case r == '\\' && s.quote != '\'':
		s.escaped, s.begun = true, true
	case s.quote != 0:
		if r == s.quote {
			s.quote = 0
		} else {
			s.word.WriteRune(r)
		}
	case r == '"' || r == '\'':
		s.quote, s.begun = r, true
	case r == ' ' || r == '\t':
		s.end()
	default:
		s.word.WriteRune(r)
		s.begun = true
	}
}

func (s *splitter) end() {
	if s.begun {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.begun = false
}
