package inventory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
)

// What -e gives to an action is no variable of the hosts.
func TestTakeExtra(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inventory.yml")
	if err := os.WriteFile(path, []byte("all: {hosts: {db1: {ansible_host: 10.0.0.1}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		extra   []string
		value   string
		given   bool
		problem string
	}{
		{[]string{"host=db3"}, "db3", true, ""},
		{[]string{"{host: db3}"}, "db3", true, ""},
		{[]string{"host=db2", "host=db3"}, "db3", true, ""},
		{[]string{"host="}, "", true, ""},
		{nil, "", false, ""},
		{[]string{"{host: [db3]}"}, "", false, "must be one text"},
		{[]string{"host=db3 hots=db2"}, "db3", true, `unknown variable "hots"`},
	} {
		problems := &config.Problems{}
		inv := Load([]string{path}, c.extra, problems)
		value, given := inv.TakeExtra("host", problems)
		inv.CheckKeys(nil, problems)
		told := ""
		if err := problems.Err(); err != nil {
			told = err.Error()
		}
		for _, warning := range problems.Warnings() {
			told += warning.String()
		}
		if value != c.value || given != c.given || c.problem == "" && told != "" || !strings.Contains(told, c.problem) {
			t.Errorf("%q: %q, %v, %s", c.extra, value, given, told)
		}
	}
}
