package config

import "bytes"

// maxNodes bounds the values of a file: a parser makes some 300 bytes of each,
// of a file of 4 MiB half a gigabyte. An inventory of 10,000 hosts with 20
// values each is well below.
const maxNodes = 500_000

// weigh counts what parts a text's values, and so about how many it has,
// before anything is made of them.
func weigh(text []byte) int {
	nodes := 0
	for line := range bytes.Lines(text) {
		line = bytes.TrimLeft(line, " ")
		if len(line) > 0 && line[0] == '#' {
			continue
		}
		for at, c := range line {
			switch c {
			case ',', '[', '{':
				nodes++
			case ':', '?', '-':
				if at+1 == len(line) || bytes.IndexByte([]byte(" \t\r\n"), line[at+1]) >= 0 {
					nodes += 2
				}
			}
		}
	}
	return nodes
}
