package postgres_test

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct{ name, section, want string }{
		{"defaults", "", ""},
		{"folder", "data_dir: /srv/pg_data-1.2", ""},
		{"relative folder", "data_dir: data", "problem: data_dir:"},
		{"the root", "data_dir: /", "problem: data_dir:"},
		{"up", "data_dir: /data/../etc", "problem: data_dir:"},
		{"a folder that systemd would read as more", "data_dir: /data/%i", "problem: data_dir:"},
	} {
		lines := one(c.section).Validate(t, "db1", "postgres").Lines()
		got := strings.Join(lines, "\n")
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || len(lines) > 1 {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
