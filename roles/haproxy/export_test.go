package haproxy

import (
	"strings"
	"text/template"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
)

// Configuration renders what Apply writes.
func (r *Role) Configuration(v *runner.View) (string, error) {
	content, err := r.page(v)
	if err != nil {
		return "", err
	}
	t, err := template.New("haproxy.cfg").Funcs(template.FuncMap{"reveal": config.Secret.Reveal}).Parse(configText)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = t.Execute(&text, content)
	return text.String(), err
}
