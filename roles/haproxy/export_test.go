package haproxy

import (
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// Configuration renders what Apply writes.
func (r *Role) Configuration(v *runner.View) (string, error) {
	content, err := r.page(v)
	if err != nil {
		return "", err
	}
	return modules.Render("haproxy.cfg", configText, content)
}

// Checks are what ChecksFor returns.
type Checks = checks

// ChecksFor returns the checks of a preset.
func ChecksFor(rto string) Checks {
	c, _ := checksFor(rto)
	return c
}
