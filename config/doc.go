// Package config turns YAML into Go values: positions, problems, merging,
// strict decoding, secrets and the masker. It imports nothing of pgrun.
package config
