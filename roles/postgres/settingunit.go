package postgres

import (
	"errors"
	"strconv"
	"strings"
)

// unit is one that PostgreSQL knows, in bytes or microseconds. Each is a
// multiple of the next.
type unit struct {
	name string
	size float64
}

func memoryUnits() []unit {
	return []unit{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"kB", 1 << 10}, {"B", 1}}
}

func timeUnits() []unit {
	return []unit{{"d", 86400e6}, {"h", 3600e6}, {"min", 60e6}, {"s", 1e6}, {"ms", 1e3}, {"us", 1}}
}

// baseUnit parts 8kB into 8 and kB.
func baseUnit(text string) (count float64, name string) {
	name = strings.TrimLeft(text, "0123456789")
	count, err := strconv.ParseFloat(strings.TrimSuffix(text, name), 64)
	if err != nil {
		return 1, name
	}
	return count, name
}

// inUnit is an amount in the setting's unit.
func (s Setting) inUnit(value float64, name string) (float64, error) {
	name = strings.TrimRight(name, " \t\n\v\f\r")
	if name == "" {
		return value, nil
	}
	count, base := baseUnit(s.Unit)
	for _, units := range [][]unit{memoryUnits(), timeUnits()} {
		size := sizeOf(units, base)
		if size == 0 {
			continue
		}
		return convert(units, value, name, count*size)
	}
	return 0, errors.New("it has no unit")
}

func sizeOf(units []unit, name string) float64 {
	for _, u := range units {
		if u.name == name {
			return u.size
		}
	}
	return 0
}

// convert rounds to the next smaller unit, as PostgreSQL does, so that 30.1GB
// is a whole number of MB.
func convert(units []unit, value float64, name string, base float64) (float64, error) {
	var names []string
	for i, u := range units {
		names = append(names, u.name)
		if u.name != name {
			continue
		}
		value *= u.size / base
		if i+1 < len(units) {
			next := units[i+1].size / base
			value = round(value/next) * next
		}
		return value, nil
	}
	return 0, errors.New("its unit is one of " + strings.Join(names, ", "))
}
