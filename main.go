// Command pgrun builds and runs highly available PostgreSQL clusters.
package main

import (
	"os"

	"github.com/pgrun/pgrun/command"
	"github.com/pgrun/pgrun/roles"
	"github.com/pgrun/pgrun/runner/worker"
)

func main() {
	self := worker.Hook(roles.Registry())
	os.Exit(command.Main(self, roles.Registry(), os.Args))
}
