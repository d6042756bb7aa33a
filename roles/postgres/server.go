package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// Server is how to reach the local server over its socket.
type Server struct {
	Bin    string // of psql
	Data   string
	Socket string
	Port   int // as it shall be
}

// Script returns a script for a database of the server.
func (s Server) Script(ctx context.Context, r modules.Reader, database, text string, values map[string]string) modules.Script {
	return modules.Script{
		Bin: s.Bin + "/psql", Socket: s.Socket, Port: s.port(ctx, r),
		Database: database, Text: text, Values: values,
	}
}

// port is where the server listens now: a changed one counts after a restart.
// The fourth line of postmaster.pid has it; without one psql says what is wrong.
func (s Server) port(ctx context.Context, r modules.Reader) int {
	text, err := r.ReadFile(ctx, s.Data+"/postmaster.pid", 0)
	lines := strings.Split(string(text), "\n")
	if err != nil || len(lines) < 5 {
		return s.Port
	}
	port, err := strconv.Atoi(strings.TrimSpace(lines[3]))
	if err != nil || port == 0 {
		return s.Port
	}
	return port
}

// Query runs a script that prints one JSON value and reads that.
func (s Server) Query(ctx context.Context, r modules.Reader, database, text string, values map[string]string, into any) error {
	result, err := r.Query(ctx, s.Script(ctx, r, database, text, values).Command())
	if err != nil {
		return err
	}
	if err := json.Unmarshal(result.Stdout, into); err != nil {
		// What it printed may hold a verifier.
		return fmt.Errorf("psql printed no JSON: %w", err)
	}
	return nil
}

// exec is a change that runs a script.
func (s Server) exec(summary, before, after, database, text string, values map[string]string) *modules.Change {
	return &modules.Change{
		Summary: summary, Before: []byte(before), After: []byte(after),
		Apply: func(ctx context.Context, h modules.Host) error {
			_, err := h.Exec(ctx, s.Script(ctx, h, database, text, values).Command())
			return err
		},
	}
}
