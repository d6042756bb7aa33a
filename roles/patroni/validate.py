# Checks a Patroni configuration by Patroni's own schema while Patroni runs.
# `patroni --validate-config` cannot: version 3 has no option to allow that the
# ports are in use, all want each etcd member to answer, and version 4 does not
# know synchronous_mode: quorum.
import socket
import sys

import yaml
from patroni.validator import schema

socket.setdefaulttimeout(1)
with open(sys.argv[1]) as f:
    config = yaml.safe_load(f)
dcs = config["bootstrap"]["dcs"]
if dcs.get("synchronous_mode") == "quorum":
    dcs["synchronous_mode"] = True
config["bootstrap"].setdefault("pg_hba", config["postgresql"]["pg_hba"])
live = ("is already in use.", "is not reachable")
wrong = [str(e) for e in schema(config) if not any(text in str(e) for text in live)]
if wrong:
    sys.exit("\n".join(wrong))
