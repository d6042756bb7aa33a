package patroni

import (
	"context"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// upgradable is the Due of downloads.
func (r *Role) upgradable(ctx context.Context, o *runner.Observer) (string, error) {
	versions, err := modules.Offers(ctx, o, packageNames(o.View)...)
	if err != nil {
		return "", err
	}
	return strings.Join(software{packages: versions}.outdated(), ", "), nil
}

// upgradeDue says what is to be upgraded here, or installed but not running.
func (r *Role) upgradeDue(ctx context.Context, o *runner.Observer) (string, error) {
	s, err := observe(ctx, o)
	if err != nil {
		return "", err
	}
	if list := s.outdated(); len(list) > 0 {
		return strings.Join(list, ", "), nil
	}
	patroni, server, err := s.behind()
	if err != nil {
		return "", err
	}
	if patroni != "" {
		return patroni, nil
	}
	return server, nil
}

// onOffer is what the members compare before an upgrade: all shall get the
// same versions.
func (r *Role) onOffer(ctx context.Context, o *runner.Observer) (map[string]string, error) {
	return modules.UpstreamCandidates(ctx, o, packageNames(o.View)...)
}

// download fetches the packages, so that no mirror can stop an upgrade midway.
func (r *Role) download(ctx context.Context, t *runner.Target) error {
	return t.Ensure(ctx, modules.Packages{Names: packageNames(t.View), Latest: true, Fetch: true})
}

// upgrade installs the newer packages, which changes nothing that runs, and
// then takes this host out for the moment that the new programs need.
func (r *Role) upgrade(ctx context.Context, t *runner.Target) error {
	c, err := state(ctx, t, t.Host)
	if err != nil {
		return err
	}
	before, err := observe(ctx, t.Observer)
	if err != nil {
		return err
	}
	// The leader hands over before its packages change: so if something goes
	// wrong here, it goes wrong on a replica.
	u := r.turn(t)
	if c.leader() == t.Host.Name && len(t.Group("postgres")) > 1 {
		who := successor{suitable: before.upgraded()}
		if t.Check {
			who.suitable = nil // the others would be upgraded by then
		}
		if err := r.switchover(ctx, t, u, who); err != nil {
			return err
		}
	}
	install := postgresSection(t.View).Install(clusterSection(t.View).PostgresVersion)
	install.Names, install.Latest = packageNames(t.View), true
	if err := t.Ensure(ctx, install); err != nil {
		return err
	}
	r.tellUpgrade(ctx, t, u)
	if err := r.runInstalled(ctx, t, u); err != nil || t.Check {
		return err
	}
	after, err := me(ctx, t.Observer)
	if err != nil {
		return err
	}
	u.report(t, progress(before.node, after))
	return nil
}

// tellUpgrade says in check mode how the leader's turn would keep clients from
// writing.
func (r *Role) tellUpgrade(ctx context.Context, t *runner.Target, u *turn) {
	if t.Check && u.successor != "" {
		t.Plan(r.expectedOutage(ctx, t.Observer, u.kind()), "switchover to %s, then the upgrade", u.successor)
	}
}

// progress tells from what to what a member was upgraded.
func progress(before, after nodeState) string {
	var done []string
	if before.ServerVersion != after.ServerVersion {
		done = append(done, "PostgreSQL "+serverText(before.ServerVersion)+" -> "+serverText(after.ServerVersion))
	}
	if before.Patroni.Version != after.Patroni.Version {
		done = append(done, "Patroni "+before.Patroni.Version+" -> "+after.Patroni.Version)
	}
	if len(done) == 0 {
		return "packages renewed, the same versions run"
	}
	return strings.Join(done, ", ")
}

// runInstalled lets the programs that were installed run.
func (r *Role) runInstalled(ctx context.Context, t *runner.Target, u *turn) error {
	var after software
	known, err := t.Known(ctx, "what is installed and what runs", func(ctx context.Context) (err error) {
		after, err = observe(ctx, t.Observer)
		return err
	})
	if err != nil || !known || t.Check {
		return err
	}
	patroni, server, err := after.behind()
	if err != nil {
		return err
	}
	if patroni != "" || server != "" {
		if err := r.step(ctx, t, u, patroni != "", successor{suitable: after.upgraded()}); err != nil {
			return err
		}
	}
	return t.Ensure(ctx, upToDate(t))
}

// upToDate waits until this host runs what is installed.
func upToDate(t *runner.Target) modules.Module {
	return modules.Until{Name: "the installed versions run", Deadline: settle, Met: func(ctx context.Context, reader modules.Reader) (string, error) {
		s, err := observe(ctx, &runner.Observer{View: t.View, Reader: reader, Facts: t.Facts})
		if err != nil {
			return "", err
		}
		patroni, server, err := s.behind()
		if patroni != "" {
			return patroni, err
		}
		return server, err
	}}
}
