package patroni

import "github.com/pgrun/pgrun/runner"

// Render is for golden files.
func (r *Role) Render(o *runner.Observer) ([]byte, error) { return r.render(o) }
