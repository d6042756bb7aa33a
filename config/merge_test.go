package config_test

import (
	"testing"

	"github.com/pgrun/pgrun/config"
)

func TestMerge(t *testing.T) {
	for _, c := range []struct{ under, over, want string }{
		{"{a: {b: 1, c: 2}, d: 1}", "{a: {c: 3, e: 4}}", "a: {b: 1, c: 3, e: 4}\nd: 1\n"},
		{"{a: [1, 2]}", "{a: [3]}", "a: [3]\n"},
		{"{a: {b: 1}}", "{a: null}", "a: null\n"},
		{"{a: null}", "{a: {b: 1}}", "a: {b: 1}\n"},
		{"{a: 1}", "{}", "a: 1\n"},
		{"{}", "{a: 1}", "a: 1\n"},
		{"{a: {}}", "{a: {b: {c: 1}}}", "a: {b: {c: 1}}\n"},
	} {
		var files config.Files
		var problems config.Problems
		under := files.Parse("u.yml", []byte(c.under), &problems)
		over := files.Parse("o.yml", []byte(c.over), &problems)
		var got, want any
		config.Decode(&files, config.Merge(under, over), &got, "", &problems)
		config.Decode(&files, files.Parse("w.yml", []byte(c.want), &problems), &want, "", &problems)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		if !equal(got, want) {
			t.Errorf("%s + %s = %v, want %v", c.under, c.over, got, want)
		}
	}
}

func TestPlacesSurviveMerging(t *testing.T) {
	var files config.Files
	var problems config.Problems
	under := files.Parse("group_vars/all.yml", []byte("patroni:\n  ttl: 30\n  more: {x: 1}\n"), &problems)
	over := files.Parse("host_vars/db1.yml", []byte("\npatroni:\n  loop_wait: 10\n  more:\n    y: 2\n"), &problems)
	merged := config.Merge(under, over)
	for path, want := range map[string]string{
		"patroni.ttl":        "group_vars/all.yml:2:8",
		"patroni.loop_wait":  "host_vars/db1.yml:3:14",
		"patroni.more.x":     "group_vars/all.yml:3:13",
		"patroni.more.y":     "host_vars/db1.yml:5:8",
		"patroni.missing.z":  "group_vars/all.yml:2:3",
		"patroni.more[0].zz": "group_vars/all.yml:3:10",
	} {
		if got := files.Pos(config.Find(merged, path)).String(); got != want {
			t.Errorf("%s is at %s, want %s", path, got, want)
		}
	}
}

func TestFindLongestKey(t *testing.T) {
	var files config.Files
	var problems config.Problems
	n := files.Parse("f.yml", []byte("parameters:\n  pg_stat: 1\n  pg_stat.max: 2\n  list: [{a.b: 3}]\n"), &problems)
	for path, want := range map[string]string{"parameters.pg_stat.max": "2", "parameters.pg_stat": "1", "parameters.list[0].a.b": "3"} {
		if got := config.Find(n, path).Value; got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
