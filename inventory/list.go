package inventory

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// List writes what ansible-inventory --list does: groups, and the variables of
// the hosts as Ansible merges them (mappings replace) and reads them (YAML 1.1).
func (i *Inventory) List(w io.Writer) error {
	all := map[string]any{}
	i.listGroup(i.byName["all"], all, map[*group]bool{})
	hostVars := map[string]any{}
	for _, h := range i.Hosts {
		if vars := h.replaced(); len(vars) > 0 {
			hostVars[h.Name] = vars
		}
	}
	all["_meta"] = map[string]any{"hostvars": hostVars, "profile": "inventory_legacy"}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := w.Write(text.Bytes())
	return err
}

// listGroup adds a group and those below it; empty ones are left out.
func (i *Inventory) listGroup(g *group, all map[string]any, seen map[*group]bool) {
	if seen[g] {
		return
	}
	seen[g] = true
	entry := map[string]any{}
	var children, hosts []string
	for _, child := range g.children {
		children = append(children, child.name)
		i.listGroup(child, all, seen)
	}
	if g.name != "all" {
		for _, h := range g.hosts {
			hosts = append(hosts, h.Name)
		}
	}
	if len(hosts) > 0 {
		entry["hosts"] = hosts
	}
	if len(children) > 0 {
		entry["children"] = children
	}
	if len(entry) > 0 {
		all[g.name] = entry
	}
}

// replaced merges a host's variables as Ansible does: the last that names a
// variable sets all of it.
func (h *Host) replaced() map[string]any {
	vars := map[string]any{}
	for _, layer := range h.layers {
		for at := 0; at+1 < len(layer.node.Content); at += 2 {
			name := layer.node.Content[at].Value
			if name == "ansible_group_priority" {
				continue
			}
			vars[name] = ansible(layer.node.Content[at+1])
		}
	}
	return vars
}

// ansible returns a node's value as Ansible's YAML reader gives it.
func ansible(n *yaml.Node) any {
	if n.ShortTag() == "!unsafe" {
		return unsafe(n)
	}
	switch n.Kind {
	case yaml.MappingNode:
		mapping := make(map[string]any, len(n.Content)/2)
		for at := 0; at+1 < len(n.Content); at += 2 {
			mapping[pythonKey(n.Content[at])] = ansible(n.Content[at+1])
		}
		return mapping
	case yaml.SequenceNode:
		if config.IsSource(n) {
			return hiddenSource
		}
		list := make([]any, len(n.Content))
		for at, item := range n.Content {
			list[at] = ansible(item)
		}
		return list
	}
	switch tag := n.ShortTag(); {
	case tag == "!vault" || tag == "!vault-encrypted":
		return map[string]any{"__ansible_vault": n.Value}
	case !strings.HasPrefix(tag, "!!"):
		return hiddenSource
	}
	return yaml11(n)
}

// unsafe marks all texts below a node; other values stay as they are.
func unsafe(n *yaml.Node) any {
	untagged := *n
	if n.ShortTag() == "!unsafe" {
		untagged.Tag, untagged.Style = "", 0
		untagged.Tag = untagged.ShortTag()
	}
	return marked(ansible(&untagged))
}

func marked(value any) any {
	switch value := value.(type) {
	case string:
		return map[string]any{"__ansible_unsafe": value}
	case []any:
		for at := range value {
			value[at] = marked(value[at])
		}
	case map[string]any:
		for name := range value {
			if !strings.HasPrefix(name, "__ansible_") {
				value[name] = marked(value[name])
			}
		}
	}
	return value
}

// pythonKey writes a key as Python writes one that is no text into JSON.
func pythonKey(n *yaml.Node) string {
	switch key := yaml11(n).(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(key)
	case json.Number:
		return key.String()
	}
	return n.Value
}

// hiddenSource stands for a secret that Ansible could not read.
const hiddenSource = "***"
