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
