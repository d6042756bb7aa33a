package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/pgrun/pgrun/integration/lab"
)

// show prints the cluster as Patroni sees it, and how to connect to it.
func show(ctx context.Context, l *lab.Lab) error {
	members, err := l.Members(ctx)
	if err != nil {
		return fmt.Errorf("asking Patroni: %w", err)
	}
	fmt.Println()
	for _, m := range members {
		fmt.Printf("%-8s %-14s %-10s timeline %d\n", m.Name, m.Role, m.State, m.Timeline)
	}
	leader := lab.Leader(members)
	balancers := l.Balancers()
	if leader == nil || len(balancers) == 0 {
		return fmt.Errorf("there is no leader, or no balancer to reach it by")
	}
	secret := filepath.Join(l.Dir, "secrets", "app")
	fmt.Printf("\nwrites:    PGPASSWORD=$(cat %s) psql 'host=%s port=5000 user=app dbname=app'\nreplicas:  the same with port=5001\n",
		secret, balancers[0].Address)
	if host := l.Host(leader.Name); host != nil {
		fmt.Printf("failover:  docker kill %s; docker start %[1]s\n", host.Container())
	}
	return nil
}
