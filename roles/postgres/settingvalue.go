package postgres

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Check says what is wrong with a text as the setting's value, and what is
// allowed. What only the server can judge, most texts, passes.
func (s Setting) Check(text string) error {
	switch s.Type {
	case "bool":
		if _, ok := boolean(text); !ok {
			return fmt.Errorf("%q is no value of %s: write on or off", text, s.Name)
		}
	case "enum":
		if _, ok := s.choice(text); !ok {
			return fmt.Errorf("%q is no value of %s: write one of %s", text, s.Name, strings.Join(s.Values, ", "))
		}
	case "integer", "real":
		value, err := s.number(text)
		return s.bounded(text, value, err)
	}
	return nil
}

// bounded says whether a number lies between Least and Most.
func (s Setting) bounded(text string, value float64, err error) error {
	if err != nil {
		return fmt.Errorf("%q is no value of %s: %w", text, s.Name, err)
	}
	least, err := strconv.ParseFloat(s.Least, 64)
	if err != nil {
		return fmt.Errorf("the server's least value of %s: %w", s.Name, err)
	}
	most, err := strconv.ParseFloat(s.Most, 64)
	if err != nil {
		return fmt.Errorf("the server's greatest value of %s: %w", s.Name, err)
	}
	if value < least || value > most {
		return fmt.Errorf("%q is no value of %s: it is between %s and %s", text, s.Name, s.amount(least), s.amount(most))
	}
	return nil
}

// amount is a bound as the operator reads it: 128kB rather than 16 times 8kB.
func (s Setting) amount(value float64) string {
	count, name := baseUnit(s.Unit)
	return strconv.FormatFloat(value*count, 'g', 12, 64) + name
}

// number reads a number in Unit.
func (s Setting) number(text string) (float64, error) {
	if s.Type == "integer" {
		return s.integer(text)
	}
	return s.real(text)
}

// integer reads a number as PostgreSQL does, in Unit: octal and hexadecimal
// ones too, and fractions are rounded.
func (s Setting) integer(text string) (float64, error) {
	value, rest, err := cutNumber(text, true)
	if err != nil {
		return 0, err
	}
	if value, err = s.inUnit(value, rest); err != nil {
		return 0, err
	}
	if value = round(value); value > math.MaxInt32 || value < math.MinInt32 {
		return 0, errors.New("it is too large")
	}
	return value, nil
}

func (s Setting) real(text string) (float64, error) {
	value, rest, err := cutNumber(text, false)
	if err != nil {
		return 0, err
	}
	return s.inUnit(value, rest)
}

// cutNumber cuts the number from the front of a text.
func cutNumber(text string, whole bool) (value float64, rest string, err error) {
	trimmed := strings.TrimLeft(text, " \t\n\v\f\r")
	if whole {
		digits := len(trimmed) - len(strings.TrimLeft(trimmed, "+-0123456789abcdefABCDEFxX"))
		for ; digits > 0; digits-- {
			n, err := strconv.ParseInt(trimmed[:digits], 0, 64)
			if err != nil || strings.ContainsAny(trimmed[:digits], "_oO") {
				continue
			}
			if rest = trimmed[digits:]; rest == "" || !strings.ContainsAny(rest[:1], ".eE") {
				return float64(n), strings.TrimLeft(rest, " \t\n\v\f\r"), nil
			}
			break
		}
	}
	for end := len(trimmed) - len(strings.TrimLeft(trimmed, "+-.0123456789eExXpPabcdfABCDF")); end > 0; end-- {
		if value, err = strconv.ParseFloat(trimmed[:end], 64); err == nil {
			return value, strings.TrimLeft(trimmed[end:], " \t\n\v\f\r"), nil
		}
	}
	return 0, "", errors.New("it is no number")
}

// boolean reads a truth value as PostgreSQL does: any beginning of true,
// false, yes or no, and of on or off what can be told apart.
func boolean(text string) (value, ok bool) {
	lower := strings.ToLower(text)
	switch {
	case lower == "":
		return false, false
	case lower == "on" || lower == "1" || strings.HasPrefix("true", lower) || strings.HasPrefix("yes", lower):
		return true, true
	case lower == "of" || lower == "off" || lower == "0" || strings.HasPrefix("false", lower) || strings.HasPrefix("no", lower):
		return false, true
	}
	return false, false
}

// choice is an enum's value, the case of which does not count. PostgreSQL
// takes some that it does not list.
func (s Setting) choice(text string) (string, bool) {
	lower := strings.ToLower(text)
	hidden := map[string]string{"true": "on", "yes": "on", "1": "on", "false": "off", "no": "off", "0": "off"}[lower]
	switch s.Name {
	case "wal_level":
		hidden = map[string]string{"archive": "replica", "hot_standby": "replica"}[lower]
	case "client_min_messages", "log_min_messages", "log_min_error_statement":
		hidden = map[string]string{"debug": "debug2", "info": "info"}[lower]
	}
	i := slices.IndexFunc(s.Values, func(value string) bool { return strings.EqualFold(value, text) })
	switch {
	case i >= 0:
		hidden = s.Values[i]
	case hidden == "" || hidden != "info" && !slices.Contains(s.Values, hidden):
		return "", false
	}
	if s.Name == "wal_compression" && hidden == "on" {
		return "pglz", true // which on has meant since there are others
	}
	return hidden, true
}
