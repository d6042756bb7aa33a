package playbooks

import (
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
)

// Tags with a meaning of their own, as Ansible has them.
const (
	tagAlways   = "always"
	tagNever    = "never"
	tagTagged   = "tagged"
	tagUntagged = "untagged"
	tagAll      = "all"
)

// Selected says whether -t/--tags (only) and --skip-tags (skip) let an entry
// run. No only means "all". Ansible's rules: "always" runs unless skipped,
// "never" runs only when one of the entry's tags is asked for, "tagged" and
// "untagged" are every entry with or without tags.
func (e RoleEntry) Selected(only, skip []string) bool {
	if len(only) == 0 {
		only = []string{tagAll}
	}
	return e.wanted(only) && !e.skipped(skip)
}

// tags are the entry's, or the one that stands for none.
func (e RoleEntry) tags() []string {
	if len(e.Tags) == 0 {
		return []string{tagUntagged}
	}
	return e.Tags
}

func (e RoleEntry) wanted(only []string) bool {
	if overlap(e.tags(), append([]string{tagAlways}, only...)) {
		return true
	}
	everything := slices.Contains(only, tagAll) || len(e.Tags) > 0 && slices.Contains(only, tagTagged)
	return everything && !slices.Contains(e.Tags, tagNever)
}

func (e RoleEntry) skipped(skip []string) bool {
	if slices.Contains(skip, tagAll) {
		return !slices.Contains(e.Tags, tagAlways) || slices.Contains(skip, tagAlways)
	}
	return overlap(e.tags(), skip) || len(e.Tags) > 0 && slices.Contains(skip, tagTagged)
}

// Select returns the play with the entries that the tags let run.
func (p Play) Select(only, skip []string) Play {
	var selected []RoleEntry
	for _, e := range p.Roles {
		if e.Selected(only, skip) {
			selected = append(selected, e)
		}
	}
	p.Roles = selected
	return p
}

// Tags returns all tags of the playbook, each once, sorted.
func (b *Playbook) Tags() []string {
	var tags []string
	for _, p := range b.Plays {
		tags = append(tags, p.Tags...)
		for _, e := range p.Roles {
			tags = append(tags, e.Tags...)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// UnknownTags returns those of the asked for tags that select nothing because
// no entry has them, each with the nearest known one ("" when none is near).
func (b *Playbook) UnknownTags(asked []string) map[string]string {
	known := append(b.Tags(), tagAlways, tagNever, tagTagged, tagUntagged, tagAll)
	unknown := map[string]string{}
	for _, tag := range asked {
		if !slices.Contains(known, tag) {
			unknown[tag] = config.Nearest(tag, known)
		}
	}
	return unknown
}

// SplitTags splits tags written with commas.
func SplitTags(text string) []string {
	var tags []string
	for tag := range strings.SplitSeq(text, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(tag string) bool { return slices.Contains(b, tag) })
}
