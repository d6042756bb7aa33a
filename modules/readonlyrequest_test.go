package modules

import "testing"

func TestReadOnlyPost(t *testing.T) {
	for address, want := range map[string]bool{
		"http://10.0.0.1:2379/v3/kv/range":                        true,
		"https://10.0.0.1:2379/v3/maintenance/status":             true,
		"http://10.0.0.1:2379/v3/cluster/member/list":             true,
		"http://10.0.0.1:2379/v3/lease/timetolive":                true,
		"http://10.0.0.1:2379/v3/kv/put":                          false,
		"http://10.0.0.1:2379/v3/kv/range/../put":                 false,
		"http://10.0.0.1:2379/v3/maintenance/transfer-leadership": false,
		"http://10.0.0.1:8008/switchover":                         false,
		"http://10.0.0.1:8008/?/v3/kv/range":                      false,
		"::":                                                      false,
	} {
		if got := ReadOnlyPost(address); got != want {
			t.Errorf("ReadOnlyPost(%q) = %v, want %v", address, got, want)
		}
	}
}
