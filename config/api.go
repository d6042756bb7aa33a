package config

import (
	"context"

	"gopkg.in/yaml.v3"
)

// Pos is a place in a file; lines and columns count from 1.
type Pos struct {
	File         string
	Line, Column int
}

// Problem is something wrong with the input, at its place.
type Problem struct {
	Pos     Pos
	Path    string // "patroni.ttl"
	Message string // what is wrong and what to write instead
	Warning bool
}

// Files remembers which file each node came from.
type Files struct{}

// Load reads and parses a YAML file.
func (f *Files) Load(path string, p *Problems) *yaml.Node { panic("pending") }

// Parse parses YAML text under a name.
func (f *Files) Parse(name string, text []byte, p *Problems) *yaml.Node { panic("pending") }

// Pos returns a node's place.
func (f *Files) Pos(n *yaml.Node) Pos { panic("pending") }

// Problems collects problems.
type Problems struct{}

// Add adds a problem at a place.
func (p *Problems) Add(pos Pos, path, format string, args ...any) { panic("pending") }

// Warn adds a warning at a place.
func (p *Problems) Warn(pos Pos, path, format string, args ...any) { panic("pending") }

// Err returns nil when there are no problems but warnings.
func (p *Problems) Err() error { panic("pending") }

// Warnings returns the warnings.
func (p *Problems) Warnings() []Problem { panic("pending") }

// Merge lays over on under: mappings at every depth, all else replaces.
func Merge(under, over *yaml.Node) *yaml.Node { panic("pending") }

// Decode decodes a node strictly over what into holds.
func Decode(f *Files, n *yaml.Node, into any, path string, p *Problems) { panic("pending") }

// Find returns the node at a key path ("databases[0].name"), or the nearest above.
func Find(n *yaml.Node, path string) *yaml.Node { panic("pending") }

// Resolve returns a copy of a node in which !env, !file and !command are
// replaced by scalars tagged !secret.
func (f *Files) Resolve(ctx context.Context, n *yaml.Node) (*yaml.Node, error) { panic("pending") }

// SecretsIn returns the values of all secrets below a Go value.
func SecretsIn(v any) []string { panic("pending") }

// Masker replaces known secrets by ***.
type Masker struct{}

// Add makes values known.
func (m *Masker) Add(values ...string) { panic("pending") }

// Mask returns text without the known secrets, in all their encodings.
func (m *Masker) Mask(text []byte) []byte { panic("pending") }
