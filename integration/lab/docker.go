package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// docker runs one docker command and returns what it printed.
func docker(ctx context.Context, args ...string) (string, error) {
	return run(ctx, nil, "docker", args...)
}

func run(ctx context.Context, stdin io.Reader, name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, tail(stderr.String()+stdout.String()))
	}
	return stdout.String(), nil
}

// tail keeps the end of a long output: that is where the reason is.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// remove ends everything that carries the lab's label.
func remove(ctx context.Context, name string) error {
	filter := "label=" + label + "=" + name
	ids, err := docker(ctx, "ps", "--all", "--quiet", "--filter", filter)
	if err != nil {
		return err
	}
	if ids := strings.Fields(ids); len(ids) > 0 {
		if _, err := docker(ctx, append([]string{"rm", "--force", "--volumes"}, ids...)...); err != nil {
			return err
		}
	}
	networks, err := docker(ctx, "network", "ls", "--quiet", "--filter", filter)
	if err != nil {
		return err
	}
	if networks := strings.Fields(networks); len(networks) > 0 {
		_, err = docker(ctx, append([]string{"network", "rm"}, networks...)...)
	}
	return err
}
