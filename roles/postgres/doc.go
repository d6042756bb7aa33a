// Package postgres installs PostgreSQL without letting the distribution's own
// cluster start, and describes what the cluster holds: settings, roles,
// databases, who may connect. Patroni's role runs the server and asks this
// one for the SQL, since only a live leader can take it.
package postgres
