package patroni

// Published is what the patroni role of a host in the group postgres makes
// known to the other hosts of its cluster: where its PostgreSQL and its REST
// API listen, and what balancers must know to judge it.
type Published struct {
	RESTPort     int
	PostgresPort int
	// RTO is the preset by which Patroni and the balancers agree on how soon
	// a lost leader is replaced: fast, norm, safe, wide.
	RTO string
	// Synchronous is the synchronous mode: "" or off, on, quorum.
	Synchronous string
}
