package patroni

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// stumbles counts the looks at a server that did not start. Patroni tries again
// and again: at the third the cause is told rather than waited for.
type stumbles struct {
	view  *runner.View
	times int
}

const startsEnough = 3

func (s *stumbles) look(ctx context.Context, r modules.Reader) error {
	var n nodeState
	if err := get(ctx, r, s.view.Host, "/patroni", &n); err != nil || n.State != "start failed" {
		s.times = 0
		return nil // the wait itself says what is missing
	}
	if s.times++; s.times < startsEnough {
		return nil
	}
	return modules.Hopeless(because(ctx, r, s.view, fmt.Errorf("PostgreSQL does not start")))
}

// because adds what the server said last.
func because(ctx context.Context, r modules.Reader, v *runner.View, err error) error {
	if words := lastWords(ctx, r, v); len(words) > 0 {
		err = fmt.Errorf("%w; the server said: %s", err, strings.Join(words, "; "))
	}
	return modules.Hint(err, "remove the cause, then run pgrun again; more is in `journalctl -u patroni` on %s and in the server's log", v.Host.Name)
}

// lastWords are the last fatal messages of this host's server: from Patroni's
// journal, where they go until the server has opened its log, and from there.
func lastWords(ctx context.Context, r modules.Reader, v *runner.View) []string {
	var words []string
	journal, err := r.Query(ctx, modules.Command{Argv: []string{
		"journalctl", "--no-pager", "--output=cat", "--unit=" + unitName, "--since=-10min", "--lines=400",
	}})
	if err == nil {
		words = fatal(string(journal.Stdout))
	}
	paths := postgresSection(v).Paths(clusterSection(v).PostgresVersion, v.Cluster)
	for _, folder := range []string{paths.Data + "/log", "/var/log/postgresql"} {
		for _, word := range fatal(youngestLog(ctx, r, folder)) {
			if !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	return words[max(0, len(words)-3):]
}

// youngestLog is the end of the log that was written last.
func youngestLog(ctx context.Context, r modules.Reader, folder string) string {
	names, err := r.ReadDir(ctx, folder)
	if err != nil {
		return ""
	}
	var youngest string
	var last *modules.Stat
	for _, name := range names {
		stat, err := r.Lstat(ctx, path.Join(folder, name))
		if err == nil && stat.Mode.IsRegular() && (last == nil || stat.ModTime.After(last.ModTime)) {
			youngest, last = name, stat
		}
	}
	if last == nil {
		return ""
	}
	text, err := r.ReadFile(ctx, path.Join(folder, youngest), modules.MaxFile)
	if err != nil {
		return ""
	}
	return string(text[max(0, len(text)-64<<10):])
}

// fatal picks the messages that ended a server from a log as text, as CSV or
// as JSON. What ends a client's connection is called fatal too.
func fatal(text string) []string {
	var words []string
	for _, m := range regexp.MustCompile(`(?m)(?:FATAL|PANIC)(?::  |,[0-9A-Z]{5},"|".*?"message":")([^"\n]+)`).FindAllStringSubmatch(text, -1) {
		word := strings.TrimSpace(m[1])
		client := regexp.MustCompile(`^(terminating|password authentication|no pg_hba|pg_hba|role |database |sorry|remaining connection|the database system is|connection |canceling|unsupported frontend|no PostgreSQL user|Peer auth)`)
		if !client.MatchString(word) && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words[max(0, len(words)-2):]
}
