package main

import (
	"context"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/roles"
	"github.com/pgrun/pgrun/runner"
)

func TestReferenceIsFresh(t *testing.T) {
	want, err := reference("../..", roles.Registry())
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../roles.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/roles.md is not what the source says: run `make generate`")
	}
}

type demo struct {
	bare
	Port     int               `yaml:"port"`
	Password config.Secret     `yaml:"password"`
	Networks []netip.Prefix    `yaml:"networks"`
	Wait     time.Duration     `yaml:"wait"`
	Fast     *bool             `yaml:"fast"`
	Owners   []owner           `yaml:"owners"`
	Tags     map[string]string `yaml:"tags"`
	Limits   limits            `yaml:"limits"`
}

type bare struct{}

func (bare) Validate(*runner.View) {}

func (bare) Apply(context.Context, *runner.Target) error { return nil }

type owner struct {
	Name string `yaml:"name"`
}

type limits struct {
	Files int `yaml:"files"`
}

// comment gives the types above their comments, which tests do not have.
func comment(names ...string) *comments {
	found := map[string]string{}
	for _, name := range names {
		_, field, _ := strings.Cut(name, ".")
		found[name] = field + " is said here.\n"
	}
	return &comments{parsed: map[string]map[string]string{module + "docs/generate": found, "main": found}}
}

func TestKeys(t *testing.T) {
	c := comment("demo.Port", "demo.Password", "demo.Networks", "demo.Wait", "demo.Fast",
		"demo.Owners", "demo.Tags", "demo.Limits", "owner.Name", "limits.Files")
	role := &demo{Port: 5432, Wait: time.Hour, Tags: map[string]string{"a": "b"}, Limits: limits{Files: 7}}
	var out strings.Builder
	if err := writeRole(&out, c, runner.Entry{Name: "demo", New: func() runner.Role { return role }, Reads: []string{"cluster"}}); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/demo.md")
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the reference is\n%s", out.String())
	}
}

func TestAKeyWithoutACommentIsRefused(t *testing.T) {
	var out strings.Builder
	err := writeRole(&out, comment(), runner.Entry{Name: "demo", New: func() runner.Role { return &demo{} }})
	if err == nil || !strings.Contains(err.Error(), "Port has no comment") {
		t.Errorf("the error is %v", err)
	}
}
