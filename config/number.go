package config

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

var octal = regexp.MustCompile(`^[-+]?0[0-9]`)

func (d *decoder) integer(n *yaml.Node, out reflect.Value, path string) {
	text := strings.ReplaceAll(n.Value, "_", "")
	if n.ShortTag() != "!!int" {
		if _, err := strconv.ParseInt(text, 10, 64); err == nil && n.ShortTag() == "!!str" {
			d.problem(n, path, "a whole number is expected, not %s: write it without quotes", describe(n))
			return
		}
		d.problem(n, path, "a whole number is expected, not %s%s", describe(n), inUnit(path, n.Value))
		return
	}
	if octal.MatchString(text) {
		d.problem(n, path, "the number %s begins with 0, which some readers take for octal: write it without", clip(n.Value))
		return
	}
	err := setInteger(out, text)
	switch {
	case err == nil:
	case errors.Is(err, strconv.ErrSyntax):
		d.problem(n, path, "a whole number is expected, not %s", describe(n))
	default:
		d.problem(n, path, "the number %s is out of range: %s", clip(n.Value), span(out))
	}
}

var sized = regexp.MustCompile(`^(\d+) ?([kKMGT])i?[bB]?$`)

// inUnit says what to write for a size with a unit, where the name of the key
// has one; elsewhere who knows.
func inUnit(path, text string) string {
	size := sized.FindStringSubmatch(text)
	if size == nil || !strings.HasSuffix(path, "_mb") {
		return reference(path)
	}
	number, err := strconv.Atoi(size[1])
	power := strings.Index("kMGT", strings.Replace(size[2], "K", "k", 1)) - 1
	if err != nil || power < 0 || number > math.MaxInt32 {
		return ": the unit is MB"
	}
	return fmt.Sprintf(": write %d, the unit is MB", number<<(10*power))
}

func setInteger(out reflect.Value, text string) error {
	if !out.CanInt() {
		if strings.HasPrefix(text, "-") {
			return strconv.ErrRange
		}
		u, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 0, 64)
		if err == nil && out.OverflowUint(u) {
			err = strconv.ErrRange
		}
		if err == nil {
			out.SetUint(u)
		}
		return err
	}
	i, err := strconv.ParseInt(text, 0, 64)
	if err == nil && out.OverflowInt(i) {
		err = strconv.ErrRange
	}
	if err == nil {
		out.SetInt(i)
	}
	return err
}

// span names the values that an integer can take.
func span(out reflect.Value) string {
	bits := out.Type().Bits()
	if out.CanInt() {
		return fmt.Sprintf("%d to %d", int64(math.MinInt64)>>(64-bits), int64(math.MaxInt64)>>(64-bits))
	}
	return fmt.Sprintf("0 to %d", uint64(math.MaxUint64)>>(64-bits))
}

func (d *decoder) float(n *yaml.Node, out reflect.Value, path string) {
	number, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
	tag := n.ShortTag()
	if tag != "!!int" && tag != "!!float" || err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		d.problem(n, path, "a number is expected, not %s", describe(n))
		return
	}
	out.SetFloat(number)
}
