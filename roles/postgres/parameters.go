package postgres

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Settings are the cluster's settings: the defaults below what the section
// says, and those that the section takes back. What follows from the size of a
// host (Local) is not among them, unless the section sets it.
func (r *Role) Settings() (set map[string]string, removed []string) {
	set = defaults()
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		value := r.Parameters[name]
		name = strings.ToLower(name)
		if value == nil {
			delete(set, name)
			removed = append(removed, name)
			continue
		}
		// Validate has reported what cannot be one.
		set[name], _ = settingText(value)
	}
	return set, removed
}

// settingText is a setting's value as PostgreSQL reads it.
func settingText(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		if strings.ContainsAny(v, "\n\r\x00") {
			return "", fmt.Errorf("the value has a line break, which postgresql.conf cannot hold")
		}
		return v, nil
	case bool:
		if v {
			return "on", nil
		}
		return "off", nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", fmt.Errorf("%v is no value of a setting", v)
		}
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("a setting is one value (text, number or true/false), not a %T", value)
}
