package patroni

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// leaves returns who this host is by its own configuration, where it is the
// one that goes and a member of this cluster.
func leaves(ctx context.Context, o *runner.Observer) (is identity, leaves bool, err error) {
	if o.Host.Name != o.Given[departs] {
		return is, false, nil
	}
	is, err = readIdentity(ctx, o)
	return is, err == nil && is.Scope == o.Cluster && is.Name == o.Host.Name, err
}

func (r *Role) leaveDue(ctx context.Context, o *runner.Observer) (string, error) {
	_, mine, err := leaves(ctx, o)
	if err != nil || !mine {
		return "", err
	}
	change, err := stopped().Check(ctx, o)
	if err != nil || change == nil {
		return "", err
	}
	return change.Summary, nil
}

func stopped() modules.Service {
	return modules.Service{Name: unitName, Stopped: true, Disabled: true, Deadline: restartDeadline}
}

// leave stops Patroni, and PostgreSQL with it, for good on the host that goes.
// Before, nobody makes it the leader any more or waits for it with a commit.
func (r *Role) leave(ctx context.Context, t *runner.Target) error {
	is, mine, err := leaves(ctx, t.Observer)
	if err != nil || !mine {
		return err
	}
	unit, err := t.Unit(ctx, unitName)
	if err != nil {
		return err
	}
	if unit.ActiveState == "active" {
		if err := r.resign(ctx, t); err != nil {
			return err
		}
	}
	if err := t.Ensure(ctx, stopped(), r.dropKey(t, t.Host.Name)); err != nil || t.Check {
		return err
	}
	t.Report(fmt.Sprintf("Patroni and PostgreSQL are stopped and do not start at boot; the data stays in %s", is.PostgreSQL.DataDir), 0)
	return nil
}

// resign gives the member tags by which nobody counts on it.
func (r *Role) resign(ctx context.Context, t *runner.Target) error {
	text, err := t.ReadFile(ctx, configPath, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	resigned, err := withTags(text, "nofailover", "nosync", "noloadbalance")
	if err != nil {
		return err
	}
	return t.Ensure(ctx, configFile(resigned), service(), modules.Until{Name: "nobody counts on this host", Deadline: settle,
		Met: func(ctx context.Context, _ modules.Reader) (string, error) {
			d := r.removal(ctx, t.Observer)
			teller, ok := d.teller()
			if !ok {
				return "no member that stays answers", nil
			}
			m, ok := d.view.Clusters[teller].member(t.Host.Name)
			switch {
			case !ok:
				return "", nil
			case m.leads():
				return "", runner.Refuse("%s leads", t.Host.Name)
			case m.synchronous():
				return "it is a synchronous standby still", nil
			case !on(m.Tags["nofailover"]):
				return "it may still become the leader", nil
			}
			return "", nil
		}})
}

// withTags sets tags to true in Patroni's configuration and leaves the rest.
func withTags(text []byte, names ...string) ([]byte, error) {
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("%s: %w", configPath, err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("%s: %w", configPath, err)
	}
	tags, _ := config["tags"].(map[string]any)
	if tags == nil {
		tags = map[string]any{}
	}
	for _, name := range names {
		tags[name] = true
	}
	delete(tags, "failover_priority") // says the opposite of nofailover
	var node yaml.Node
	if err := node.Encode(tags); err != nil {
		return nil, err
	}
	mapping := root.Content[0]
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == "tags" {
			mapping.Content[i+1] = &node
			return yaml.Marshal(&root)
		}
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "tags"}, &node)
	return yaml.Marshal(&root)
}
