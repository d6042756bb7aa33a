package playbooks

import "testing"

func TestSelected(t *testing.T) {
	for _, c := range []struct {
		tags, only, skip string
		want             bool
	}{
		{"", "", "", true},
		{"a", "", "", true},
		{"a", "a", "", true},
		{"a,b", "b,c", "", true},
		{"a", "b", "", false},
		{"", "a", "", false},
		{"", "all", "", true},
		{"a", "all", "", true},
		{"a", "tagged", "", true},
		{"", "tagged", "", false},
		{"", "untagged", "", true},
		{"a", "untagged", "", false},
		{"always", "a", "", true},
		{"always,b", "a", "", true},
		{"never", "", "", false},
		{"never", "all", "", false},
		{"never,a", "", "", false},
		{"never,a", "a", "", true},
		{"never", "never", "", true},
		{"never,a", "tagged", "", false},
		{"never,always", "", "", true},
		{"a", "", "a", false},
		{"a", "a", "a", false},
		{"a,b", "a", "b", false},
		{"a", "", "b", true},
		{"", "", "tagged", true},
		{"a", "", "tagged", false},
		{"", "", "untagged", false},
		{"a", "", "untagged", true},
		{"a", "", "all", false},
		{"always", "", "all", true},
		{"always", "", "all,always", false},
		{"always", "", "always", false},
		{"always,a", "", "a", false},
	} {
		e := RoleEntry{Role: "r", Tags: SplitTags(c.tags)}
		if got := e.Selected(SplitTags(c.only), SplitTags(c.skip)); got != c.want {
			t.Errorf("tags %q, -t %q, --skip-tags %q: got %v", c.tags, c.only, c.skip, got)
		}
	}
}

func TestUnknownTags(t *testing.T) {
	book := &Playbook{Plays: []Play{{Tags: []string{"etcd"}, Roles: []RoleEntry{{Role: "etcd", Tags: []string{"etcd", "dcs"}}}}}}
	unknown := book.UnknownTags([]string{"etdc", "dcs", "all", "tagged", "zzzzzzzz"})
	if len(unknown) != 2 || unknown["etdc"] != "etcd" || unknown["zzzzzzzz"] != "" {
		t.Errorf("got %v", unknown)
	}
}
