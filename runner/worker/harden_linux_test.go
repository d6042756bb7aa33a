package worker

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestSecretsStayInTheProcess: no core dump, no reading by others.
func TestSecretsStayInTheProcess(t *testing.T) {
	var core unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &core); err != nil || core.Cur != 0 {
		t.Errorf("core dumps up to %d bytes, %v", core.Cur, err)
	}
	if dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || dumpable != 0 {
		t.Errorf("dumpable %d, %v", dumpable, err)
	}
}
