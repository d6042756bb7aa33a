// Package patroni runs PostgreSQL under Patroni: it makes the cluster's first
// member and the replicas alike, keeps the settings that all members share,
// and knows how to restart, switch over and upgrade the members one by one.
//
// Which host leads is a fact of the moment. It is never in the inventory, and
// it is read anew before every step that depends on it.
package patroni
