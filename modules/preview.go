package modules

import (
	"context"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
	"time"
)

// Foreseen is what a change brings about, as a Reader sees it.
type Foreseen struct {
	Files   map[string]Content // by path
	Gone    []string           // files that are removed
	Answers map[string][]byte  // what GET of a URL answers
}

// writes foresees a file.
func writes(c Content) Foreseen { return Foreseen{Files: map[string]Content{c.Path: c}} }

// Preview shows a machine as it will be when the changes that check mode left
// out are made: files with their new content, services that have not read it.
type Preview struct {
	Reader // the machine as it is

	mu      sync.Mutex
	files   map[string]Content
	gone    map[string]bool
	times   map[string]time.Time
	answers map[string][]byte
}

// NewPreview begins with the machine as it is.
func NewPreview(r Reader) *Preview {
	return &Preview{Reader: r, files: map[string]Content{}, gone: map[string]bool{}, times: map[string]time.Time{}, answers: map[string][]byte{}}
}

// Foresee adds what a change would bring about.
func (p *Preview) Foresee(f Foreseen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, content := range f.Files {
		p.files[name], p.times[name] = content, time.Now()
		delete(p.gone, name)
	}
	for _, name := range f.Gone {
		p.gone[name] = true
		delete(p.files, name)
	}
	maps.Copy(p.answers, f.Answers)
}

// file is what is foreseen of a file: its content, or that it is gone.
func (p *Preview) file(name string) (content Content, written time.Time, foreseen bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone[name] {
		return content, written, true, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	content, foreseen = p.files[name]
	return content, p.times[name], foreseen, nil
}

// Lstat describes a file that would be written as one that just was.
func (p *Preview) Lstat(ctx context.Context, name string) (*Stat, error) {
	content, written, foreseen, err := p.file(name)
	switch {
	case err != nil:
		return nil, err
	case !foreseen:
		return p.Reader.Lstat(ctx, name)
	}
	stat := &Stat{Owner: "root", Group: "root", Mode: 0o644}
	if before, err := p.Reader.Lstat(ctx, name); err == nil {
		*stat = *before
	}
	stat.Size, stat.ModTime = int64(len(content.Data)), written
	for now, wanted := range map[*string]string{&stat.Owner: content.Owner, &stat.Group: content.Group} {
		if wanted != "" {
			*now = wanted
		}
	}
	if content.Mode != 0 {
		stat.Mode = content.Mode
	}
	return stat, nil
}

// ReadFile returns what would be written.
func (p *Preview) ReadFile(ctx context.Context, name string, most int64) ([]byte, error) {
	if content, _, foreseen, err := p.file(name); foreseen {
		return content.Data, err
	}
	return p.Reader.ReadFile(ctx, name, most)
}

// ReadDir lists files that would be written too.
func (p *Preview) ReadDir(ctx context.Context, folder string) ([]string, error) {
	names, err := p.Reader.ReadDir(ctx, folder)
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.files {
		if path.Dir(name) == folder && !slices.Contains(names, path.Base(name)) {
			names, err = append(names, path.Base(name)), nil
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return p.gone[path.Join(folder, name)] })
	slices.Sort(names)
	return names, err
}

// Get answers what the server would.
func (p *Preview) Get(ctx context.Context, r Request) (*Response, error) {
	if body, ok := p.Answers(r.URL); ok && (r.Method == "" || r.Method == "GET") {
		return &Response{Status: 200, Body: body}, nil
	}
	return p.Reader.Get(ctx, r)
}

// Answers says what GET of a URL would answer, if a change foresees that.
func (p *Preview) Answers(url string) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, ok := p.answers[url]
	return body, ok
}

// Now returns the machine as it is, whatever check mode foresees. That there is
// nothing foreseen is told by false.
func Now(r Reader) (Reader, bool) {
	if p, ok := r.(*Preview); ok {
		return p.Reader, true
	}
	return r, false
}
