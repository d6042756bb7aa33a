package docs_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/docs"
)

func TestRole(t *testing.T) {
	text, ok := docs.Role("haproxy")
	if !ok || !strings.HasPrefix(text, "## haproxy\n") || !strings.Contains(text, "writes_port") {
		t.Errorf("the reference of haproxy is %q, %v", text, ok)
	}
	if strings.Contains(text[3:], "\n## ") {
		t.Error("the reference of haproxy runs into the next role's")
	}
	if _, ok := docs.Role("hap"); ok {
		t.Error("there is a reference of a role that is not there")
	}
}
