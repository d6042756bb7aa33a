package modules

import (
	"fmt"
	"net/url"
	"slices"
)

// ReadOnlyRequest says whether a request changes nothing: nil, or why it is
// refused.
func ReadOnlyRequest(r Request) error {
	if slices.Contains([]string{"", "GET", "HEAD", "OPTIONS"}, r.Method) || r.Method == "POST" && ReadOnlyPost(r.URL) {
		return nil
	}
	return fmt.Errorf("%s %s is no request that only looks", r.Method, r.URL)
}

// ReadOnlyPost says whether a POST to a URL only reads: etcd's JSON gateway
// takes every call as a POST, so observers may make those that change nothing.
func ReadOnlyPost(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	return slices.Contains([]string{
		"/v3/kv/range",
		"/v3/cluster/member/list",
		"/v3/maintenance/status",
		"/v3/lease/timetolive",
	}, u.Path)
}
