package patroni

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// local are the settings that are this member's own, in its configuration.
func local(ctx context.Context, r modules.Reader) (map[string]string, error) {
	content, err := r.ReadFile(ctx, configPath, 0)
	if err != nil {
		return nil, err
	}
	var own struct {
		PostgreSQL struct {
			Parameters map[string]string `yaml:"parameters"`
		} `yaml:"postgresql"`
	}
	if yaml.Unmarshal(content, &own) != nil {
		return nil, fmt.Errorf("%s cannot be read as YAML", configPath) // the error may show a secret
	}
	return own.PostgreSQL.Parameters, nil
}

// listen is where PostgreSQL listens, as Patroni's configuration has it.
func listen(o *runner.Observer, pg *postgres.Role) (addresses string, port int) {
	return bracketed(o.Host.Address) + ",127.0.0.1", pg.Port
}

// wantedHere are the settings that this member shall run with, by their names
// in lower case: those of all members as etcd has them, below its own.
func wantedHere(o *runner.Observer, shared map[string]any, own map[string]string) map[string]string {
	pg := postgresSection(o.View)
	wanted := map[string]string{}
	for name, value := range parametersOf(shared) {
		if value != nil {
			wanted[strings.ToLower(name)] = text(value)
		}
	}
	for name, value := range own {
		wanted[strings.ToLower(name)] = value
	}
	addresses, port := listen(o, pg)
	// Patroni takes the brackets of IPv6 away.
	wanted["listen_addresses"] = strings.NewReplacer("[", "", "]", "").Replace(addresses)
	wanted["port"] = strconv.Itoa(port)
	wanted["cluster_name"] = o.Cluster
	return wanted
}

// parametersOf are the server's settings among those of all members.
func parametersOf(shared map[string]any) map[string]any {
	below, _ := shared["postgresql"].(map[string]any)
	parameters, _ := below["parameters"].(map[string]any)
	return parameters
}

// text is a value of JSON as Patroni writes it to postgresql.conf.
func text(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "on"
		}
		return "off"
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(value)
}
