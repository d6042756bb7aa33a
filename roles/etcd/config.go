package etcd

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"gopkg.in/yaml.v3"
)

//go:embed etcd.yml.tmpl
var configText string

//go:embed dropin.conf.tmpl
var dropInText string

// How a member begins.
const (
	stateNew      = "new"
	stateExisting = "existing"
)

// beginning is what etcd reads only while a member has no data.
type beginning struct {
	Cluster string `yaml:"initial-cluster"`
	State   string `yaml:"initial-cluster-state"`
}

// config is the member's configuration file.
func (m *machine) config(begin beginning) modules.Template {
	return modules.Template{
		Path: configPath, Text: configText, Attributes: modules.Root(0o644),
		Data: map[string]any{
			"Name": m.me.Name, "DataDir": m.data, "Token": m.view.Cluster, "Begin": begin,
			"PeerURL": m.me.PeerURL, "ClientURL": m.me.ClientURL, "LocalURL": m.local(),
			"HeartbeatInterval": m.HeartbeatInterval, "ElectionTimeout": m.ElectionTimeout,
			"Retention": m.CompactionRetention.String(), "QuotaBytes": int64(m.QuotaMB) << 20,
			"LogLevel": m.LogLevel,
		},
	}
}

// unitDropIn shields etcd as far as the host lets it: where a container may not
// mount, a unit that asks for folders of its own does not start.
func (m *machine) unitDropIn(container bool) modules.Template {
	return modules.Template{
		Path: dropIn, Text: dropInText, Attributes: modules.Root(0o644),
		Data: map[string]any{
			"Data": m.data, "WAL": m.walDir(), "Permission": m.permission(), "Config": configPath,
			"Container": container, "AtHome": strings.HasPrefix(m.data, "/home/"),
		},
	}
}

// keptBeginning is how a member with data began: what its file says stays, so
// that a member that joined or left later changes no file here.
func (m *machine) keptBeginning(ctx context.Context, r modules.Reader) (beginning, error) {
	begin := beginning{Cluster: initialCluster(m.members), State: stateExisting}
	text, err := r.ReadFile(ctx, configPath, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return begin, nil
	}
	if err != nil {
		return begin, err
	}
	var kept beginning
	if err := yaml.Unmarshal(text, &kept); err != nil {
		return begin, fmt.Errorf("%s: %w", configPath, err)
	}
	if kept.Cluster == "" || kept.State == "" {
		return begin, nil
	}
	return kept, nil
}
