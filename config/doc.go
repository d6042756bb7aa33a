// Package config turns YAML into Go values, and keeps what is needed to tell
// an operator where something is wrong. It imports nothing of pgrun.
//
//	var files config.Files
//	var problems config.Problems
//	defaults := files.Load("all.yml", &problems)
//	host := files.Load("db1.yml", &problems)
//	section := Section{TTL: 30}
//	config.Decode(&files, config.Merge(defaults, host), &section, "patroni", &problems)
//	if err := problems.Err(); err != nil { // all of them, with excerpts
//
// # Files
//
// Files reads YAML files and remembers which file each node came from. What it
// refuses: what is no regular file, files over 4 MiB or 500,000 values, text
// that is not UTF-8, several documents, unknown tags, duplicate keys, nesting
// over 100 levels, aliases that unfold to too much. Aliases and merge keys are in place afterwards, so that no one else meets any.
//
// # Merging and decoding
//
// Merge lays mappings over each other at every depth; lists, scalars and null
// replace. Values are shared and never changed, which is how they keep their
// places. Decode walks the node with the Go type, since yaml.v3 is not strict
// below the top: every unknown key, wrong type and value out of range is a
// problem with its place, the nearest known key and what to write instead. null
// keeps the default.
//
// # Secrets
//
// A Secret prints as ***. Its value stands in the file, or its source does:
// !env NAME, !file path, !command [argv]. Decode only checks how a source is
// written; Resolve asks it, once, when the section is about to be sent, and
// Encode writes the text that DecodeText reads on the other side. SecretsIn
// collects the values for a Masker, which takes them out of texts in all the
// forms in which they may appear there.
package config
