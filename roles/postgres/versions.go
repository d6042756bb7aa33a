package postgres

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// ServerVersion is the number by which a server of a package's version calls
// itself: 170011 of 17.11-0+deb13u1.
func ServerVersion(version string) (int, error) {
	major, minor, found := strings.Cut(modules.Upstream(version), ".")
	m, err := strconv.Atoi(major)
	n, err2 := strconv.Atoi(minor)
	if !found || err != nil || err2 != nil {
		return 0, errors.Join(fmt.Errorf("%q is no version of PostgreSQL", version), err, err2)
	}
	return m*10000 + n, nil
}
