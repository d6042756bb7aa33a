package worker

import "strings"

// What leaves the host of each text, in bytes. JSON may write a byte as six: all
// of a failed step together stay below a frame.
const (
	maxDiff   = 64 << 10
	maxError  = 16 << 10
	maxOutput = 32 << 10
	maxArgv   = 16 << 10
	maxWhy    = 4 << 10
	maxStep   = 1 << 10
)

const cutMark = "... (cut)"

// head keeps the beginning of a text that is too long. A text is masked first:
// half a secret would not be known as one.
func head(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + cutMark
}

// end keeps the last part, where commands say what went wrong.
func end(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return cutMark + strings.ToValidUTF8(text[len(text)-most:], "")
}
