package patroni

import (
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// Render is for golden files.
func (r *Role) Render(o *runner.Observer, m postgres.Machine) ([]byte, error) { return r.render(o, m) }

// Endpoints are where clients write.
func Endpoints(v *runner.View) []any {
	var list []any
	for _, e := range endpoints(v) {
		list = append(list, e)
	}
	return list
}
