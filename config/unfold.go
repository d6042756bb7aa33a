package config

import "gopkg.in/yaml.v3"

// unfold puts what aliases and merge keys stand for in place. An anchor's node
// is shared by all who name it, so its place stays where it was written.
func (w *walk) unfold(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return w.unfold(n.Alias)
	}
	if w.unfolded == nil {
		w.unfolded = map[*yaml.Node]bool{}
	}
	if w.unfolded[n] {
		return n
	}
	w.unfolded[n] = true
	n.Anchor = ""
	for i, child := range n.Content {
		n.Content[i] = w.unfold(child)
	}
	if n.Kind == yaml.MappingNode {
		w.mergeKeys(n)
	}
	return n
}

// mergeKeys replaces << by the keys that it brings: those that the mapping
// does not have itself; of several mappings the first counts.
func (w *walk) mergeKeys(n *yaml.Node) {
	var own, brought []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Value != "<<" || key.ShortTag() != "!!merge" {
			own = append(own, key, value)
			continue
		}
		from := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			from = value.Content
		}
		for _, m := range from {
			if m.Kind != yaml.MappingNode {
				w.problem(m, "<< merges mappings, not %s", describe(m))
				continue
			}
			brought = append(brought, m.Content...)
		}
	}
	if len(brought) == 0 {
		n.Content = own
		return
	}
	has := map[string]bool{}
	for i := 0; i+1 < len(own); i += 2 {
		has[own[i].Value] = true
	}
	for i := 0; i+1 < len(brought); i += 2 {
		if !has[brought[i].Value] {
			has[brought[i].Value] = true
			own = append(own, brought[i], brought[i+1])
		}
	}
	n.Content = own
}
