// Generate writes the reference of the roles from their structs: keys and
// types by reflection, defaults from New, meanings from the doc comments in
// the source.
package main

import (
	"fmt"
	"os"

	"github.com/pgrun/pgrun/roles"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("wants the file to write, in the folder docs")
	}
	text, err := reference("..", roles.Registry())
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], []byte(text), 0o644)
}
