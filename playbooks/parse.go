package playbooks

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// playbook adds the plays of a source.
func (l *loader) playbook(root *yaml.Node, s source, inherited []string) {
	if root.Kind != yaml.SequenceNode {
		l.problem(root, "", "a playbook is a list of plays (\"- hosts: ...\"); this looks like something else, an inventory perhaps (-i)")
		return
	}
	if len(root.Content) == 0 {
		l.problem(root, "", "the playbook has no plays; write a list of them, each with hosts and roles")
	}
	for _, n := range root.Content {
		l.entry(n, s, inherited)
	}
}

// entry adds a play, or those that it imports.
func (l *loader) entry(n *yaml.Node, s source, inherited []string) {
	if n.Kind != yaml.MappingNode {
		l.problem(n, "", "a play is a mapping with hosts and roles, or import_playbook")
		return
	}
	if len(l.plays) >= maxPlays {
		if !l.tooMany {
			l.problem(n, "", "more than %d plays with all imports", maxPlays)
		}
		l.tooMany = true
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if isImport(n.Content[i]) {
			l.imported(n, s, inherited)
			return
		}
	}
	l.play(n, inherited)
}

func (l *loader) play(n *yaml.Node, inherited []string) {
	play := Play{Pos: l.files.Pos(n), Tags: slices.Clone(inherited)}
	known := l.pairs(n, "", playKeys(), refusedPlayKey)
	roles := l.keys(&play, known)
	// A key that is wrong was told, and is why another one lacks.
	sound := 2*len(known) == len(n.Content)
	if !has(known, "hosts") && sound {
		l.problem(n, "", "the play has no hosts; write \"hosts: all\" or another pattern")
	}
	if play.Name == "" {
		play.Name = play.Hosts
	}
	switch {
	case roles != nil:
		play.Roles = l.roles(roles, play.Tags)
	case sound:
		l.problem(n, "", "the play has no roles")
	}
	l.plays = append(l.plays, play)
}

// keys fills in what a play's keys say, but for its roles.
func (l *loader) keys(play *Play, known []pair) (roles *yaml.Node) {
	for _, p := range known {
		switch p.name {
		case "name":
			play.Name, _ = l.text(p.value, "name", "a text")
		case "hosts":
			play.Hosts, play.HostsPos = l.pattern(p.value), l.files.Pos(p.value)
		case "serial":
			play.Serial, play.SerialPos = l.serial(p.value), l.files.Pos(p.value)
		case "any_errors_fatal":
			play.AnyErrorsFatal = l.boolean(p.value, "any_errors_fatal")
		case "tags":
			play.Tags = append(play.Tags, l.tags(p.value, "tags")...)
		case "roles":
			roles = p.value
		}
	}
	return roles
}

func has(pairs []pair, name string) bool {
	return slices.ContainsFunc(pairs, func(p pair) bool { return p.name == name })
}

// pattern joins a list of patterns as Ansible does.
func (l *loader) pattern(n *yaml.Node) string {
	var patterns []string
	for _, item := range l.texts(n, "hosts", "a pattern of hosts and groups") {
		patterns = append(patterns, item.text)
	}
	return strings.Join(patterns, ",")
}

// tags takes a list, or a text with commas, as Ansible does.
func (l *loader) tags(n *yaml.Node, path string) []string {
	var tags []string
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		return nil
	}
	for _, tag := range l.texts(n, path, "a tag") {
		tags = append(tags, SplitTags(tag.text)...)
	}
	return tags
}

func (l *loader) boolean(n *yaml.Node, path string) bool {
	var value bool
	switch strings.ToLower(n.Value) {
	case "true", "yes", "on":
		value = true
	case "false", "no", "off":
	default:
		l.problem(n, path, "must be true or false")
	}
	return value
}

func (l *loader) serial(n *yaml.Node) Serial {
	var serial Serial
	for _, item := range l.texts(n, "serial", "a number of hosts or a percentage like \"30%\"") {
		text := strings.TrimSpace(item.text)
		digits, percent := strings.CutSuffix(text, "%")
		size, err := strconv.Atoi(digits)
		switch {
		case err != nil || size < 1 || percent && size > 100:
			l.problem(item.node, "serial", "%q is neither a number of hosts from 1 on, nor a percentage from 1%% to 100%%", text)
		case percent:
			serial = append(serial, Batch{Percent: size})
		default:
			serial = append(serial, Batch{Hosts: size})
		}
	}
	return serial
}
