package haproxy

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

const oneWriter = "the writes port leads to one server"

// waitForWriter waits until the writes port leads to exactly one server.
func (r *Role) waitForWriter() modules.Until {
	return modules.Until{Name: oneWriter, Met: r.withoutWriter}
}

// answers waits until the statistics page answers with this password: until
// the reloaded process serves.
func (r *Role) answers() modules.Until {
	return modules.Until{
		Name: "the statistics page answers",
		Met: func(ctx context.Context, o modules.Reader) (string, error) {
			_, err := r.ask(ctx, o, "/;csv")
			return "", err
		},
	}
}

// withoutWriter returns "" when exactly one server of the writes port is up,
// else what there is instead.
func (r *Role) withoutWriter(ctx context.Context, o modules.Reader) (string, error) {
	text, err := r.ask(ctx, o, "/;csv")
	if err != nil {
		return "", err
	}
	states, err := serverStates(text, writes)
	if err != nil {
		return "", err
	}
	return notOne(states), nil
}

// notOne returns "" when exactly one server is up and every one was checked:
// HAProxy counts a server as up until its first check, so that just after a
// start one may be left that nobody has asked yet.
func notOne(states []state) string {
	var up int
	var told, unchecked []string
	for _, s := range states {
		if s.up() {
			up++
		}
		if !s.checked() {
			unchecked = append(unchecked, s.server)
		}
		told = append(told, s.server+" "+s.status)
	}
	switch {
	case len(unchecked) > 0:
		return "HAProxy has not checked " + strings.Join(unchecked, ", ") + " since it started"
	case up != 1:
		return fmt.Sprintf("%d servers of the writes port are up, not 1 (%s)", up, strings.Join(told, ", "))
	}
	return ""
}

// otherVersion returns "" when the version that runs is the installed one.
func (r *Role) otherVersion(ctx context.Context, o modules.Reader) (string, error) {
	running, installed, err := r.versions(ctx, o)
	if err != nil || running == installed {
		return "", err
	}
	return fmt.Sprintf("%s runs, %s is installed", running, installed), nil
}

// versions returns the versions that run and that are installed.
func (r *Role) versions(ctx context.Context, o modules.Reader) (running, installed string, err error) {
	text, err := r.ask(ctx, o, "/metrics?scope=global")
	if err != nil {
		return "", "", err
	}
	if running, err = runningVersion(text); err != nil {
		return "", "", err
	}
	result, err := o.Query(ctx, modules.Command{Argv: []string{program, "-v"}})
	if err != nil {
		return "", "", err
	}
	installed, err = installedVersion(result.Stdout)
	return running, installed, err
}

// ask reads a page of the statistics port on this host.
func (r *Role) ask(ctx context.Context, o modules.Reader, path string) ([]byte, error) {
	host := "127.0.0.1"
	if r.Bind[0] != "*" {
		host = bracketed(r.Bind[:1])[0]
	}
	address := "http://" + host + ":" + strconv.Itoa(r.StatisticsPort) + path
	answer, err := o.Get(ctx, modules.Request{URL: address, User: r.StatisticsUser, Password: r.StatisticsPassword.Reveal()})
	if err != nil {
		return nil, err
	}
	if answer.Status != 200 {
		return nil, fmt.Errorf("%s answers with status %d", address, answer.Status)
	}
	return answer.Body, nil
}

// state is a server's line of the statistics.
type state struct{ server, status, check string }

// up says whether HAProxy sends clients there: UP, and "UP 1/3" while checks
// begin to fail.
func (s state) up() bool { return s.status == "UP" || strings.HasPrefix(s.status, "UP ") }

// checked says whether HAProxy has asked the server since it started: INI is a
// check that was never made, and an asterisk one that is under way.
func (s state) checked() bool {
	return s.check != "" && s.check != "INI" && s.check != "UNK" && s.check != "* INI"
}

// serverStates returns the servers of a proxy, in the configuration's order.
func serverStates(text []byte, proxy string) ([]state, error) {
	lines := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("# "))))
	lines.FieldsPerRecord = -1
	lines.LazyQuotes = true
	records, err := lines.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("statistics of HAProxy: %w", err)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("statistics of HAProxy are empty")
	}
	columns := map[string]int{}
	for i, name := range records[0] {
		columns[name] = i
	}
	status, ok := columns["status"]
	check, also := columns["check_status"]
	if !ok || !also {
		return nil, fmt.Errorf("statistics of HAProxy have no column status or check_status")
	}
	var states []state
	for _, fields := range records[1:] {
		if len(fields) <= max(status, check) || fields[0] != proxy || fields[1] == "FRONTEND" || fields[1] == "BACKEND" {
			continue
		}
		states = append(states, state{server: fields[1], status: fields[status], check: fields[check]})
	}
	return states, nil
}

// runningVersion finds the version of the serving process in its metrics.
func runningVersion(metrics []byte) (string, error) {
	found := regexp.MustCompile(`(?m)^haproxy_process_build_info\{version="([^"]+)"\}`).FindSubmatch(metrics)
	if found == nil {
		return "", fmt.Errorf("the metrics of HAProxy do not tell its version")
	}
	return string(found[1]), nil
}

// installedVersion finds the version in what `haproxy -v` prints.
func installedVersion(output []byte) (string, error) {
	found := regexp.MustCompile(`(?i)^HA-?Proxy version (\S+)`).FindSubmatch(output)
	if found == nil {
		return "", fmt.Errorf("%s -v does not tell its version", program)
	}
	return string(found[1]), nil
}
