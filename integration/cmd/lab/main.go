// Command lab brings hosts up on this machine and takes them down: what make demo runs, and what one types to try something.
//
//	go run ./integration/cmd/lab up                                     # db1 db2 db3 lb1; inventory in .lab/
//	go run ./integration/cmd/lab -name mine -dir /tmp/mine -hosts db1 -bare up
//	go run ./integration/cmd/lab -name mine exec db1 systemctl status
//	go run ./integration/cmd/lab -name mine down
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/pgrun/pgrun/integration/lab"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1) // nothing is left to undo
	}
}

func run(ctx context.Context, args []string) error {
	config := lab.Default()
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	flags.StringVar(&config.Name, "name", config.Name, "name of the lab")
	flags.StringVar(&config.Dir, "dir", config.Dir, "folder for inventory.yml, key, known_hosts and secrets")
	flags.StringVar(&config.Release, "release", config.Release, "Debian release: bookworm, trixie or forky (in the making)")
	flags.BoolVar(&config.Bare, "bare", false, "hosts without cached packages")
	flags.BoolVar(&config.Older, "older", false, "hosts that know older versions only, until the verb publish")
	hosts := flags.String("hosts", strings.Join(config.Hosts, ","), "names of the hosts: db* and lb* get their groups")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "lab [flags] up | down | list | show | images | publish | exec H ARGV... | kill|start|pause|unpause|cut|heal H")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	config.Hosts = strings.Split(*hosts, ",")
	return verb(ctx, config, flags.Args())
}
