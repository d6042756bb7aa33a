package inventory

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	int11   = regexp.MustCompile(`^[-+]?(0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)$`)
	sixty11 = regexp.MustCompile(`^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+$`)
	time11  = regexp.MustCompile(`^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?[ \t]*(?:(Z)|([-+])(\d\d?)(?::?(\d\d))?)?$`)
	float11 = regexp.MustCompile(`^([-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?)$`)
)

// yaml11 reads a scalar by the rules of YAML 1.1, as PyYAML does: yes is true,
// 0755 octal, 1:30 ninety, and 1e3 a text.
func yaml11(n *yaml.Node) any {
	plain := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) == 0
	if !plain {
		return n.Value
	}
	switch n.Value {
	case "", "~", "null", "Null", "NULL":
		return nil
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false
	}
	digits := strings.ReplaceAll(n.Value, "_", "")
	switch {
	case int11.MatchString(n.Value):
		if number, ok := new(big.Int).SetString(digits, 0); ok {
			return json.Number(number.String())
		}
	case sixty11.MatchString(n.Value):
		return sexagesimal(digits)
	case float11.MatchString(n.Value):
		if number, err := strconv.ParseFloat(digits, 64); err == nil {
			return python(number)
		}
	case time11.MatchString(n.Value):
		return isoTime(time11.FindStringSubmatch(n.Value))
	}
	return n.Value
}

func sexagesimal(digits string) any {
	sign, digits := strings.HasPrefix(digits, "-"), strings.TrimLeft(digits, "+-")
	total := new(big.Int)
	for _, part := range strings.Split(digits, ":") {
		value, _ := new(big.Int).SetString(part, 10)
		total.Add(total.Mul(total, big.NewInt(60)), value)
	}
	if sign {
		total.Neg(total)
	}
	return json.Number(total.String())
}

// python writes a float as Python does: 1.0 keeps its point.
func python(number float64) any {
	if size := math.Abs(number); size != 0 && (size < 1e-4 || size >= 1e16) {
		return json.Number(strconv.FormatFloat(number, 'e', -1, 64))
	}
	text := strconv.FormatFloat(number, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return json.Number(text)
}

// isoTime writes a time as Python does: 2024-01-01T10:00:00+00:00.
func isoTime(parts []string) string {
	number := func(at int) int {
		value, _ := strconv.Atoi(parts[at])
		return value
	}
	text := fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", number(1), number(2), number(3), number(4), number(5), number(6))
	if micros := (parts[7] + "000000")[:6]; micros != "000000" {
		text += "." + micros
	}
	switch {
	case parts[8] != "":
		text += "+00:00"
	case parts[9] != "":
		text += fmt.Sprintf("%s%02d:%02d", parts[9], number(10), number(11))
	}
	return text
}
