package patroni

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

const (
	// probePause is between two writes of the probe: finer than any gap that
	// an operator asks about, and a few forks of psql a second.
	probePause = 100 * time.Millisecond
	// probeDeadline ends a write that hangs.
	probeDeadline = 3 * time.Second
	// flowDeadline is how long clients may be without writes after a change:
	// the balancers' checks of the slowest preset, twice.
	flowDeadline = 2 * time.Minute
)

// endpoint is where clients write: a balancer, or the members themselves where
// a cluster has none.
type endpoint struct{ name, hosts, ports string }

func endpoints(v *runner.View) []endpoint {
	var list []endpoint
	for _, p := range v.Group("balancers") {
		if known, ok := published.HAProxyOf(p); ok {
			list = append(list, endpoint{p.Name, known.Address, strconv.Itoa(known.WritesPort)})
		}
	}
	if len(list) > 0 {
		return list
	}
	var hosts, ports []string
	for _, p := range v.Group("postgres") {
		if known, ok := published.PatroniOf(p); ok {
			hosts, ports = append(hosts, p.Address.String()), append(ports, strconv.Itoa(known.PostgresPort))
		}
	}
	return []endpoint{{"the members", strings.Join(hosts, ","), strings.Join(ports, ",")}}
}

// probe writes as a client would, through every balancer.
type probe struct {
	server    postgres.Server
	endpoints []endpoint
	password  config.Secret
	passfile  string
}

func (r *Role) probe(t *runner.Target) *probe {
	p := &probe{
		server: server(t.Observer), endpoints: endpoints(t.View),
		password: r.probePassword(t.Cluster), passfile: probeFile(t.Cluster),
	}
	t.Hide(p.password.Reveal())
	return p
}

// probeRounds make each guess of the superuser's password, by one who has got
// the probe's, cost as much as the 25 verifiers that PostgreSQL would keep of it.
const probeRounds = 100_000

// probePassword is derived: the inventory needs no further secret, and all
// members know the same.
func (r *Role) probePassword(cluster string) config.Secret {
	key, err := pbkdf2.Key(sha256.New, r.SuperuserPassword.Reveal(), []byte("write probe of "+cluster), probeRounds, sha256.Size)
	if err != nil {
		panic(fmt.Sprintf("deriving the probe's password: %v", err)) // the numbers above are right or wrong always
	}
	return config.NewSecret(hex.EncodeToString(key))
}

// probeFile is where the password is while the probe writes. A run that was
// killed leaves it behind.
func probeFile(cluster string) string { return "/run/pgrun/probe-" + cluster }

// logIn writes the password where psql finds it, until logOut is called.
func (p *probe) logIn(ctx context.Context, h modules.Host) (logOut func(), err error) {
	err = h.WriteFile(ctx, modules.Content{
		Path: p.passfile, Data: []byte("*:*:postgres:" + probeUser + ":" + p.password.Reveal() + "\n"),
		Attributes: modules.Attributes{Owner: superuser, Group: superuser, Mode: 0o600},
	})
	return func() { _ = h.Remove(context.WithoutCancel(ctx), p.passfile) }, err
}

// write commits a record that means nothing to anyone: a few bytes of WAL,
// which a synchronous standby must confirm like any other.
func (p *probe) write(ctx context.Context, h modules.Host, e endpoint) error {
	command := modules.Script{
		Bin: p.server.Bin + "/psql",
		Remote: fmt.Sprintf("host=%s port=%s user=%s passfile='%s' connect_timeout=2 target_session_attrs=read-write application_name=pgrun",
			e.hosts, e.ports, probeUser, p.passfile),
		Text: "SELECT pg_catalog.pg_logical_emit_message(true, 'pgrun', 'write probe');",
	}.Command()
	command.Deadline = probeDeadline
	_, err := h.Exec(ctx, command)
	var exit *modules.ExitError
	if errors.As(err, &exit) { // what psql was called with helps nobody
		line, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(exit.Stderr), "psql: error: "), "\n")
		return errors.New(line)
	}
	return err
}

// writable writes once through every endpoint, at once, and returns what went
// wrong by the endpoint's name.
func (p *probe) writable(ctx context.Context, h modules.Host) map[string]error {
	failed := map[string]error{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for _, e := range p.endpoints {
		group.Go(func() {
			if err := p.write(ctx, h, e); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed[e.name] = err
			}
		})
	}
	group.Wait()
	return failed
}

// everywhere is a step that writes once through every endpoint.
func (p *probe) everywhere() modules.Module {
	return modules.Func{Name: "a write through " + p.names(), Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		return &modules.Change{Summary: "a few bytes of WAL", Waits: true, Deadline: 4 * probeDeadline, Apply: func(ctx context.Context, h modules.Host) error {
			logOut, err := p.logIn(ctx, h)
			if err != nil {
				return err
			}
			defer logOut()
			failed := p.writable(ctx, h)
			if len(failed) == 0 {
				return nil
			}
			var refusals []string
			for _, name := range sortedNames(failed) {
				refusals = append(refusals, fmt.Sprintf("a client cannot write through %s: %v", name, failed[name]))
			}
			return modules.Hint(refuse(refusals),
				"run site.yml: it starts HAProxy, makes the role %s and lets it in; if that does not help, see the statistics page of HAProxy and `patronictl list`", probeUser)
		}}, nil
	}}
}

func (p *probe) names() string {
	var list []string
	for _, e := range p.endpoints {
		list = append(list, e.name)
	}
	return strings.Join(list, ", ")
}
