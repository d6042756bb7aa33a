#!/bin/sh
# The lab needs docker. On Debian and Ubuntu root gets it; anyone else is told what to install.
set -eu

docker info >/dev/null 2>&1 && exit 0

id=$(. /etc/os-release 2>/dev/null && echo "${ID:-} ${ID_LIKE:-}") || id=unknown
case "$id" in
*debian*) ;;
*) echo "the lab needs docker: install Docker Engine (https://docs.docker.com/engine/install/), start it, and run make again" >&2; exit 1 ;;
esac
if [ "$(id -u)" != 0 ]; then
	echo "the lab needs docker, and docker info fails: as root, apt-get install docker.io and systemctl start docker; then add yourself to the group docker, or run make as root" >&2
	exit 1
fi

if ! command -v docker >/dev/null || ! command -v dockerd >/dev/null; then
	apt-get update --quiet
	DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes docker.io docker-cli 2>/dev/null ||
		DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes docker.io
fi
# Where no init runs, the daemon is started by hand.
systemctl start docker 2>/dev/null || service docker start 2>/dev/null || true
docker info >/dev/null 2>&1 || { dockerd >/var/log/dockerd.log 2>&1 & }

for _ in $(seq 60); do
	docker info >/dev/null 2>&1 && exit 0
	sleep 1
done
echo "dockerd does not answer: see docker info, journalctl -u docker, /var/log/dockerd.log" >&2
exit 1
