package roletest_test

import (
	"context"
	"slices"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

type greeter struct {
	Word string `yaml:"word"`
}

type greeting struct{ Word string }

func (g *greeter) Validate(v *runner.View) {
	if g.Word == "" {
		v.Problem("word", "is empty")
	}
}

func (g *greeter) Publish(*runner.View) any { return greeting{g.Word} }

func (g *greeter) Apply(ctx context.Context, t *runner.Target) error {
	for _, p := range t.Group("all") {
		said, _ := runner.Published[greeting](p, "greeter")
		t.Skip(ctx, p.Name, said.Word)
	}
	return t.Ensure(ctx, modules.Func{Name: "say"})
}

func cluster() roletest.Cluster {
	return roletest.Cluster{
		Registry: runner.Registry{{Name: "greeter", New: func() runner.Role { return &greeter{Word: "hello"} }}},
		Hosts: []roletest.Host{
			{Name: "db1", Address: "10.0.0.1", Groups: []string{"all"}},
			{Name: "db2", Address: "10.0.0.2", Groups: []string{"all"}, Sections: map[string]string{"greeter": `word: ""`}},
		},
	}
}

func TestValidateReportsProblems(t *testing.T) {
	if got := cluster().Validate(t, "db1", "greeter").Lines(); len(got) != 0 {
		t.Errorf("db1 reports %q", got)
	}
	want := []string{"problem: word: is empty"}
	if got := cluster().Validate(t, "db2", "greeter").Lines(); !slices.Equal(got, want) {
		t.Errorf("db2 reports %q, want %q", got, want)
	}
}

func TestPeersSeeWhatOthersPublish(t *testing.T) {
	view, _ := cluster().View(t, "db2", "greeter")
	said, ok := runner.Published[greeting](view.Group("all")[0], "greeter")
	if !ok || said.Word != "hello" {
		t.Errorf("db1 published %v, %v", said, ok)
	}
}

func TestStepsAreRecordedAndSecretsHidden(t *testing.T) {
	target, steps := cluster().Target(t, "db1", "greeter", nil, true)
	target.Hide("s3cret")
	target.Skip(t.Context(), "later", "the word is s3cret")
	if got, want := steps.String(), "skipped: later (the word is ***)\n"; got != want {
		t.Errorf("steps are %q, want %q", got, want)
	}
}
