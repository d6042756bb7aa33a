package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pgrun/pgrun/integration/lab"
)

func verb(ctx context.Context, config lab.Config, args []string) error {
	if len(args) == 0 {
		return errors.New("a verb is missing: see -help")
	}
	switch args[0] {
	case "up":
		return up(ctx, config)
	case "images":
		_, err := lab.Image(ctx, config.Release, config.Bare)
		return err
	}
	l, err := lab.Attach(ctx, config)
	if err != nil {
		if args[0] == "down" {
			return nil // it is
		}
		return err
	}
	switch args[0] {
	case "down":
		return l.Down(ctx)
	case "list":
		return list(l)
	case "show":
		return show(ctx, l)
	case "publish":
		return l.Publish(ctx)
	}
	return onHost(ctx, l, args[0], args[1:])
}

func up(ctx context.Context, config lab.Config) error {
	l, err := lab.Up(ctx, config)
	if err != nil {
		return err
	}
	return list(l)
}

func list(l *lab.Lab) error {
	for _, h := range l.Hosts {
		fmt.Printf("%-8s %-14s %s\n", h.Name, h.Address, h.Container())
	}
	fmt.Println(l.Inventory())
	return nil
}

func onHost(ctx context.Context, l *lab.Lab, name string, args []string) error {
	faults := map[string]func(*lab.Host) error{
		"kill":    func(h *lab.Host) error { return h.Kill(ctx) },
		"start":   func(h *lab.Host) error { return l.Start(ctx, h) },
		"pause":   func(h *lab.Host) error { return h.Pause(ctx) },
		"unpause": func(h *lab.Host) error { return h.Unpause(ctx) },
		"cut":     func(h *lab.Host) error { return h.Cut(ctx) },
		"heal":    func(h *lab.Host) error { return h.Heal(ctx) },
		"exec": func(h *lab.Host) error {
			out, err := h.Exec(ctx, args[1:]...)
			fmt.Print(out)
			return err
		},
	}
	do, ok := faults[name]
	if !ok {
		return fmt.Errorf("unknown verb %q (of a host: %v)", name, slices.Sorted(maps.Keys(faults)))
	}
	if len(args) == 0 {
		return fmt.Errorf("%s: which host?", name)
	}
	h := l.Host(args[0])
	if h == nil {
		return fmt.Errorf("no host %q in lab %s", args[0], l.Name)
	}
	return do(h)
}
