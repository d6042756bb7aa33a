package aptrepo

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// source is one that apt reads on the host.
type source struct {
	uris, suites []string
	signedBy     string // the key's file, or the key
}

// refuseConflict finds another file that has the repository with another key:
// apt would then read no source at all, ours or the host's.
func refuseConflict(ctx context.Context, t *runner.Target, ours modules.AptRepository) error {
	files, err := sourceFiles(ctx, t)
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := t.ReadFile(ctx, file, modules.MaxFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		for _, s := range parse(file, string(text)) {
			if uri, suite := s.common(ours); uri != "" && s.signedBy != "" && s.signedBy != ownKey {
				return runner.Refuse("apt_repo: %s on %s has %s %s too, with another key, and apt reads no source at all then: "+
					"remove it there, since pgrun brings it, or leave the packages to it (apt_repo: {source: distribution})", file, t.Host.Name, uri, suite)
			}
		}
	}
	return nil
}

// sourceFiles are the files that apt reads, but for ours.
func sourceFiles(ctx context.Context, r modules.Reader) ([]string, error) {
	names, err := r.ReadDir(ctx, sourcesDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	files := []string{"/etc/apt/sources.list"}
	for _, name := range names {
		if ending := path.Ext(name); name != ownSources && (ending == ".list" || ending == ".sources") {
			files = append(files, path.Join(sourcesDir, name))
		}
	}
	return files, nil
}

// common returns what the source shares with a repository, "" when nothing.
func (s source) common(ours modules.AptRepository) (uri, suite string) {
	for _, uri := range s.uris {
		same := func(other string) bool { return strings.TrimRight(other, "/") == strings.TrimRight(uri, "/") }
		if !slices.ContainsFunc(ours.URIs, same) {
			continue
		}
		for _, suite := range s.suites {
			if slices.Contains(ours.Suites, suite) {
				return uri, suite
			}
		}
	}
	return "", ""
}

func parse(file, text string) []source {
	if path.Ext(file) == ".list" {
		return parseLines(text)
	}
	return parseStanzas(text)
}

// parseLines reads lines as in
// deb [arch=amd64 signed-by=/a/key.asc] https://a/ suite component.
func parseLines(text string) []source {
	var list []source
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.ReplaceAll(line, "\t", " "), "#")
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if kind != "deb" && kind != "deb-src" {
			continue
		}
		var s source
		if options, after, ok := strings.Cut(rest, "]"); ok {
			rest = after
			for option := range strings.FieldsSeq(strings.TrimLeft(options, " [")) {
				if value, ok := strings.CutPrefix(strings.ToLower(option), "signed-by="); ok {
					s.signedBy = option[len(option)-len(value):]
				}
			}
		}
		if words := strings.Fields(rest); len(words) > 1 {
			s.uris, s.suites = words[:1], words[1:2]
			list = append(list, s)
		}
	}
	return list
}

// parseStanzas reads deb822: fields over several lines, and an empty line
// between two sources.
func parseStanzas(text string) []source {
	var list []source
	fields, field := map[string]string{}, ""
	for line := range strings.Lines(text + "\n\n") {
		switch {
		case strings.TrimSpace(line) == "":
			if off := []string{"no", "false", "off", "0"}; len(fields) > 0 && !slices.Contains(off, strings.ToLower(fields["enabled"])) {
				list = append(list, source{strings.Fields(fields["uris"]), strings.Fields(fields["suites"]), fields["signed-by"]})
			}
			fields, field = map[string]string{}, ""
		case line[0] == '#':
		case line[0] == ' ' || line[0] == '\t':
			fields[field] += " " + strings.TrimSpace(line)
		default:
			name, value, _ := strings.Cut(line, ":")
			field = strings.ToLower(name)
			fields[field] = strings.TrimSpace(value)
		}
	}
	return list
}
