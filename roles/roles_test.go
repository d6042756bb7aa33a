package roles_test

import (
	"reflect"
	"testing"

	"github.com/pgrun/pgrun/roles"
	"github.com/pgrun/pgrun/runner"
)

func TestRegistry(t *testing.T) {
	registry := roles.Registry()
	seen := map[string]bool{}
	keepers := 0
	for _, entry := range registry {
		if seen[entry.Name] {
			t.Errorf("%s is there twice", entry.Name)
		}
		seen[entry.Name] = true
		for _, name := range entry.Reads {
			if _, ok := registry.Find(name); !ok || name == entry.Name {
				t.Errorf("%s reads %q, which is no other role", entry.Name, name)
			}
		}
		one, other := entry.New(), entry.New()
		if kind := reflect.TypeOf(one).Kind(); kind != reflect.Pointer {
			t.Errorf("%s: the section is a %s, which cannot be decoded into", entry.Name, kind)
		} else if one == other {
			t.Errorf("%s: all hosts share one section", entry.Name)
		}
		if _, ok := one.(runner.TurnKeeper); ok {
			keepers++
		}
	}
	if keepers != 1 {
		t.Errorf("%d roles keep the turn, want 1", keepers)
	}
}

// Action names are what playbooks say.
func TestActionsHaveNamesOfTheirOwn(t *testing.T) {
	for _, entry := range roles.Registry() {
		actor, ok := entry.New().(runner.Actor)
		if !ok {
			continue
		}
		seen := map[string]bool{}
		for _, action := range actor.Actions() {
			if action.Name == "" || seen[action.Name] || action.Do == nil {
				t.Errorf("%s has a bad action %q", entry.Name, action.Name)
			}
			seen[action.Name] = true
		}
	}
}
