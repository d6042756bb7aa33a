package config

import "fmt"

const hidden = "***"

// Secret is a value that is never printed: every way of formatting or
// marshalling it gives ***. The value sits behind a pointer, so that %v of a
// struct that holds one shows nothing of it.
type Secret struct {
	value      *string
	unresolved bool // its source is known, its value not yet
}

// NewSecret hides a value.
func NewSecret(value string) Secret { return Secret{value: &value} }

// Reveal returns the value; "" when it is not set, or not known here: the
// controller resolves a secret only when it sends it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsSet says whether there is a value that is not empty, known here or not.
func (s Secret) IsSet() bool { return s.unresolved || s.value != nil && *s.value != "" }

func (s Secret) String() string { return hidden }

// GoString hides the value from %#v.
func (s Secret) GoString() string { return hidden }

// Format hides the value from every verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// MarshalText hides the value from JSON and other encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalYAML hides the value.
func (s Secret) MarshalYAML() (any, error) { return hidden, nil }
