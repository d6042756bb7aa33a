package worker

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// verify compares a program with the hash that the controller wants to run: a
// file that was damaged since it was placed is told no section.
func verify(path, want string) error {
	program, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("hash this program: %w", err)
	}
	defer program.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, program); err != nil {
		return fmt.Errorf("hash this program: %w", err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		name, _ := os.Executable()
		return fmt.Errorf("%s has the SHA-256 %s, not %.64s as its folder says: remove that folder, and pgrun brings the program again", name, got, want)
	}
	return nil
}

// owned refuses a file that somebody other than root and the user who runs
// pgrun can write, or replace in its folder: it is run as root on the hosts.
func owned(path string) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for _, part := range []string{filepath.Dir(path), filepath.Dir(target), target} {
		info, err := os.Stat(part)
		if err != nil {
			return err
		}
		if who := writers(info); who != "" {
			return fmt.Errorf("%s is run as root on the hosts, but %s can write to %s: make it yours or root's, and chmod go-w it", path, who, part)
		}
	}
	return nil
}

// writers says who else can write to a file; "" for nobody.
func writers(info fs.FileInfo) string {
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 && int(owner.Uid) != os.Geteuid() {
		return fmt.Sprintf("the user with the id %d", owner.Uid)
	}
	switch mode := info.Mode(); {
	case mode&0o002 != 0 && (!info.IsDir() || mode&fs.ModeSticky == 0):
		return "everybody"
	case mode&0o020 != 0 && (!info.IsDir() || mode&fs.ModeSticky == 0):
		return "its group"
	}
	return ""
}
