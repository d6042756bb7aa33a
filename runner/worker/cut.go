package worker

import (
	"strings"

	"github.com/pgrun/pgrun/runner/wire"
)

// head keeps the beginning of a text that is too long. A text is masked first:
// half a secret would not be known as one.
func head(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + wire.CutMark
}

// end keeps the last part, where commands say what went wrong.
func end(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return wire.CutMark + strings.ToValidUTF8(text[len(text)-most:], "")
}
