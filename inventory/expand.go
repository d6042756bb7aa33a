package inventory

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

var withPort = regexp.MustCompile(`^(.*[^:]):(\d+)$`)

// expand returns the names that a host entry stands for: "db[1:3]",
// "db[01:50:2]", "[a:c].example.org", with ":port" after it.
func expand(entry string, most int) (names []string, port string, err error) {
	if parts := withPort.FindStringSubmatch(entry); parts != nil && !strings.HasSuffix(parts[1], "[") &&
		strings.Count(parts[1], "[") == strings.Count(parts[1], "]") {
		entry, port = parts[1], parts[2]
	}
	names, err = expandRange(entry, most)
	return names, port, err
}

func expandRange(entry string, most int) ([]string, error) {
	open, colon, end := strings.Index(entry, "["), strings.Index(entry, ":"), strings.Index(entry, "]")
	if open < 0 || colon < open || end < colon {
		if most < 1 {
			return nil, fmt.Errorf("%q: the inventory has more than %d hosts", entry, maxHosts)
		}
		return []string{entry}, nil
	}
	items, err := sequence(entry[open+1:end], most)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", entry, err)
	}
	var names []string
	for _, item := range items {
		more, err := expandRange(entry[:open]+item+entry[end+1:], most-len(names))
		if err != nil {
			return nil, err
		}
		names = append(names, more...)
	}
	return names, nil
}

// sequence returns what begin:end or begin:end:step counts.
func sequence(text string, most int) ([]string, error) {
	bounds := strings.Split(text, ":")
	if len(bounds) > 3 || bounds[1] == "" {
		return nil, fmt.Errorf("a range is written [begin:end] or [begin:end:step]")
	}
	step := 1
	if len(bounds) == 3 {
		var err error
		if step, err = strconv.Atoi(bounds[2]); err != nil || step < 1 {
			return nil, fmt.Errorf("the step of a range is a number from 1 on")
		}
	}
	if bounds[0] == "" {
		bounds[0] = "0"
	}
	from, to, format, err := ends(bounds[0], bounds[1])
	switch {
	case err != nil:
		return nil, err
	case from > to:
		return nil, fmt.Errorf("a range begins with the smaller value")
	case (to-from)/step >= most:
		return nil, fmt.Errorf("the inventory has more than %d hosts", maxHosts)
	}
	items := make([]string, (to-from)/step+1)
	for i := range items { // adding the step to the end could overflow
		items[i] = format(from + i*step)
	}
	return items, nil
}

// ends reads both ends of a range, which are letters or numbers.
func ends(begin, end string) (from, to int, format func(int) string, err error) {
	if len(begin) == 1 && len(end) == 1 {
		from, to = strings.Index(letters, begin), strings.Index(letters, end)
		if from >= 0 && to >= 0 {
			return from, to, func(i int) string { return letters[i : i+1] }, nil
		}
	}
	from, err = strconv.Atoi(begin)
	if err == nil {
		to, err = strconv.Atoi(end)
	}
	if err != nil || from < 0 {
		return 0, 0, nil, fmt.Errorf("the ends of a range are two numbers or two letters")
	}
	if begin[0] != '0' || len(begin) == 1 {
		return from, to, strconv.Itoa, nil
	}
	if len(begin) != len(end) {
		return 0, 0, nil, fmt.Errorf("the ends of a range with leading zeros are equally long: [01:10]")
	}
	return from, to, func(i int) string { return fmt.Sprintf("%0*d", len(begin), i) }, nil
}
