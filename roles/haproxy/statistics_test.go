package haproxy

import (
	"slices"
	"testing"
)

// What HAProxy 2.6 answers on /;csv, cut short.
const statistics = `# pxname,svname,qcur,qmax,status,weight,desc,check_status
writes,FRONTEND,,,OPEN,,,
writes,db1,0,0,UP 2/3,1,,* L7OK
writes,db2,0,0,DOWN 1/3,1,"Not ""Found"", really",L7STS
writes,db3,0,0,DOWN,1,,L4CON
writes,BACKEND,0,0,UP,1,,
replicas,FRONTEND,,,OPEN,,,
replicas,db2,0,0,UP,1,,L7OK
`

func TestServerStates(t *testing.T) {
	got, err := serverStates([]byte(statistics), "writes")
	want := []state{{"db1", "UP 2/3", "* L7OK"}, {"db2", "DOWN 1/3", "L7STS"}, {"db3", "DOWN", "L4CON"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("states are %v, %v, want %v", got, err, want)
	}
	for _, text := range []string{"", "# pxname,svname\nwrites,db1\n", "# pxname,svname,status\nwrites,db1,UP\n", "<html>"} {
		if _, err := serverStates([]byte(text), "writes"); err == nil {
			t.Errorf("%q is taken for statistics", text)
		}
	}
}

// Where no server is anywhere, checks fail one after another, and for a moment
// one is left that was not asked.
func TestOneServerCountsOnlyWhenAllWereChecked(t *testing.T) {
	for _, c := range []struct {
		name   string
		states []state
		want   string
	}{
		{"one leads", []state{{"db1", "UP", "L7OK"}, {"db2", "DOWN", "L7STS"}}, ""},
		{"a check is under way", []state{{"db1", "UP", "* L7OK"}, {"db2", "DOWN", "* L7STS"}}, ""},
		{"just started", []state{{"db1", "UP", "INI"}, {"db2", "UP", "INI"}}, "HAProxy has not checked db1, db2 since it started"},
		{"one is left", []state{{"db1", "DOWN", "L4CON"}, {"db2", "UP", "* INI"}}, "HAProxy has not checked db2 since it started"},
		{"a leader beside one that was not asked", []state{{"db1", "UP", "L7OK"}, {"db2", "DOWN", "INI"}}, "HAProxy has not checked db2 since it started"},
		{"none", []state{{"db1", "DOWN", "L4CON"}, {"db2", "DOWN", "L7STS"}}, "0 servers of the writes port are up, not 1 (db1 DOWN, db2 DOWN)"},
		{"two", []state{{"db1", "UP", "L7OK"}, {"db2", "UP 1/2", "L7STS"}}, "2 servers of the writes port are up, not 1 (db1 UP, db2 UP 1/2)"},
	} {
		if got := notOne(c.states); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestUp(t *testing.T) {
	for status, want := range map[string]bool{
		"UP": true, "UP 1/3": true, "DOWN": false, "DOWN 2/3": false, "MAINT": false, "no check": false, "UPPER": false,
	} {
		if got := (state{server: "db1", status: status}).up(); got != want {
			t.Errorf("%s is up: %v", status, got)
		}
	}
}

func TestVersions(t *testing.T) {
	running, err := runningVersion([]byte("# HELP haproxy_process_build_info Build info\n" +
		"# TYPE haproxy_process_build_info gauge\n" +
		"haproxy_process_build_info{version=\"2.6.12-1+deb12u4\"} 1\n"))
	if err != nil || running != "2.6.12-1+deb12u4" {
		t.Errorf("running version is %q, %v", running, err)
	}
	for output, want := range map[string]string{
		"HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/\nStatus: x\n": "2.6.12-1+deb12u4",
		"HA-Proxy version 2.4.22-0ubuntu0.22.04.3 2023/12/04 - https://haproxy.org/\n":    "2.4.22-0ubuntu0.22.04.3",
	} {
		if got, err := installedVersion([]byte(output)); err != nil || got != want {
			t.Errorf("installed version is %q, %v, want %q", got, err, want)
		}
	}
	if _, err := runningVersion([]byte("haproxy_up 1\n")); err == nil {
		t.Error("metrics without a version give one")
	}
	if _, err := installedVersion(nil); err == nil {
		t.Error("an empty output gives a version")
	}
}
