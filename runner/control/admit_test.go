package control

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
)

// A host would be taken for one that was broken into for each kind of event
// that a worker tells and the controller does not know.
func TestEveryEventOfAWorkerIsAdmitted(t *testing.T) {
	kinds := map[string]string{}
	text, err := os.ReadFile("../event.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`(Event[A-Z]\w*)\s*= "(\w+)"`).FindAllStringSubmatch(string(text), -1) {
		kinds[found[1]] = found[2]
	}
	files, err := filepath.Glob("../worker/*.go")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`runner\.(Event[A-Z]\w*)`).FindAllStringSubmatch(string(text), -1) {
			told[found[1]] = !strings.HasSuffix(file, "_test.go") || told[found[1]]
		}
	}
	for name, is := range told {
		event := runner.Event{Event: kinds[name]}
		if event.Event == runner.EventStep {
			event.State = runner.Changed
		}
		if err := (&said{}).event(&event); is && err != nil {
			t.Errorf("%s (%q): %v", name, event.Event, err)
		}
	}
	if len(told) < 5 {
		t.Errorf("a worker tells only %v", told)
	}
}
