package ssh

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Newer OpenSSH writes a line of a kind that this program does not know beside each host's others: nobody shall read of it in every run.
func TestKnownHostsOfNewerKinds(t *testing.T) {
	newer := "10.0.0.1 ssh-mldsa44-ed25519 " + base64.StdEncoding.EncodeToString(ssh.Marshal(struct{ Kind, Key string }{"ssh-mldsa44-ed25519", "public"}))
	cases := map[string]string{
		newer:                        "",
		newer + " root@db1":          "",
		"nonsense nonsense nonsense": "known_hosts:1: passed over",
		"10.0.0.1 ssh-mldsa44-ed25519 AAAAbroken": "known_hosts:1: passed over",
	}
	for line, want := range cases {
		var warnings []string
		left, err := cleaned("known_hosts", []byte(line+"\n# end\n"), func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) })
		if err != nil || string(left) != "\n# end\n" {
			t.Errorf("%s: left %q, %v", line, left, err)
		}
		if got := strings.Join(warnings, "\n"); want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", line, got)
		}
	}
}
