package lab

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed Dockerfile
var dockerfile []byte

// archiveKeys are those that Debian's archive is signed with, from its package debian-archive-keyring.
const archiveKeys = "/usr/share/keyrings/debian-archive-keyring.gpg"

// releases are the Debian releases that hosts can run, each with its PostgreSQL. forky is the one in the making: it
// changes from day to day, so no test may rest on it.
func releases() map[string]string {
	return map[string]string{"bookworm": "15", "trixie": "17", "forky": "18"}
}

// Image makes the hosts' image unless the one that is there came from this very Dockerfile.
func Image(ctx context.Context, release string, bare bool) (string, error) {
	target, name := "cached", "pgrun-lab:"+release
	if bare {
		target, name = "bare", "pgrun-lab-bare:"+release
	}
	digest := sha256.Sum256(dockerfile)
	want := hex.EncodeToString(digest[:])
	have, err := docker(ctx, "image", "inspect", "--format", `{{index .Config.Labels "`+label+`.dockerfile"}}`, name)
	if err == nil && strings.TrimSpace(have) == want {
		return name, nil
	}
	if err := base(ctx, release); err != nil {
		return "", err
	}
	_, err = run(ctx, bytes.NewReader(dockerfile), "docker", "build", "--target", target, "--tag", name,
		"--build-arg", "RELEASE="+release, "--build-arg", "POSTGRES="+releases()[release], "--label", label+".dockerfile="+want, "-")
	if err != nil {
		return "", fmt.Errorf("building %s: %w", name, err)
	}
	return name, nil
}

// base makes the tag debian:<release> exist: here already, from the registry, or from Debian's mirror.
func base(ctx context.Context, release string) error {
	name := "debian:" + release
	if _, err := docker(ctx, "image", "inspect", name); err == nil {
		return nil
	}
	pulling, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	_, pulled := docker(pulling, "pull", "--quiet", name)
	if pulled == nil {
		return nil
	}
	if err := bootstrap(ctx, release, name); err != nil {
		return fmt.Errorf("%w (and before that: %w)", err, pulled)
	}
	return nil
}

// bootstrap builds Debian's smallest system from its packages.
func bootstrap(ctx context.Context, release, name string) error {
	if os.Getuid() != 0 {
		return fmt.Errorf("%s cannot be pulled, and only root can make it with debootstrap", name)
	}
	_, missing := exec.LookPath("debootstrap")
	_, unknown := os.Stat(archiveKeys)
	if missing != nil || unknown != nil {
		if _, err := run(ctx, nil, "sh", "-c", "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy debootstrap debian-archive-keyring"); err != nil {
			return fmt.Errorf("installing debootstrap and debian-archive-keyring: %w", err)
		}
	}
	dir, err := os.MkdirTemp("", "pgrun-lab-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	root, archive := filepath.Join(dir, "root"), filepath.Join(dir, "root.tar")
	// The script is the same for every release; naming it lets debootstrap make one that is newer than itself.
	// Without --force-check-gpg it only warns where it has no keys, and root runs what it got.
	if _, err := run(ctx, nil, "debootstrap", "--variant=minbase", "--force-check-gpg", "--keyring="+archiveKeys, release, root, "http://deb.debian.org/debian",
		"/usr/share/debootstrap/scripts/sid"); err != nil {
		return err
	}
	if _, err := run(ctx, nil, "tar", "--directory", root, "--create", "--numeric-owner", "--file", archive, "."); err != nil {
		return err
	}
	_, err = docker(ctx, "import", "--change", `CMD ["bash"]`, archive, name)
	return err
}
