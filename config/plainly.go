package config

import "strings"

const missingColon = "a key without a colon: write \"name: value\", or \"name:\" above what is indented below it"

// plainly says what yaml.v3 means, and what to write.
func plainly(message string) string {
	for _, known := range [][2]string{
		{"found character that cannot start any token", "a value cannot begin with this character: quote the value"},
		{"mapping values are not allowed", "a second \": \" in a value that is not quoted, or a line that is indented too far"},
		{"mapping keys are not allowed", "a value cannot begin with \"? \": quote the value"},
		{"block sequence entries are not allowed", "a list item cannot stand here: write each \"- item\" on a line of its own, below the list's key"},
		{"did not find expected key", "this line fits neither the mapping above nor the one around it: check its indentation and quotes"},
		{"expected '-' indicator", "a list ends here: check the indentation, or begin the line with \"- \""},
		{"expected ',' or ']'", "the list is not closed, or lacks a comma"},
		{"expected ',' or '}'", "the mapping is not closed, or lacks a comma"},
		{"expected node content", "a value is missing here, or begins with a character that means something else: quote it"},
		{"expected whitespace or line break", "a space is missing here: write \"!env NAME\", and quote a value that begins with !, & or *"},
		{"expected comment or line break", "nothing stands behind | or > on its line: write the text on the lines below, or quote the value"},
		{"expected alphabetic or numeric character", "quote a value that begins with & or *"},
		{"expected <document start>", "this line belongs to nothing above it: a file is one mapping or list"},
		{"unexpected document indicator", "a line of --- or ... within a quoted text: close the quote before it"},
		{"unexpected end of stream", "a quote is not closed: write it after the value"},
		{"tab character", "a tab: indent with spaces"},
		{"control characters", "a control character: delete it, or write it as \"\\e\" in double quotes"},
		{"unknown escape character", "an unknown escape in double quotes: use single quotes, or write \\\\"},
		{"hexdecimal number", "an escape in double quotes that is not complete: use single quotes, or write \\\\"},
		{"could not find expected ':'", missingColon},
		{"unknown anchor", "an alias to an unknown anchor: quote a value that begins with *"},
		{"undefined tag handle", unknownTag},
		{"URI", "a tag that cannot be read: quote a value that begins with !"},
		{"while parsing a tag", "a tag that cannot be read: quote a value that begins with !"},
		{"indentation indicator", "an indentation of 0 behind | or >: leave the number out"},
		{"%", "a line that begins with %: quote it, or indent it"},
		{"max depth", "is nested too deep"},
	} {
		if strings.Contains(message, known[0]) {
			return known[1]
		}
	}
	return "is not YAML (" + message + "): quote the value, or check the indentation"
}
