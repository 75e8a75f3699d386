# SPDX-License-Identifier: ISC
"""ExaBGP 4. What it hears, it writes into a file as JSON."""

from .speaker import ROUTE4, ROUTE6, SECRET

PROCESS = """\
process listener {{
	run /bin/sh {script};
	encoder json;
}}
"""

NEIGHBOR = """\
neighbor {session.node} {{
	router-id 10.255.0.9;
	local-address {session.address};
	local-as {local};
	peer-as {asn};
	hold-time {session.hold};
	group-updates false;
	{lines}
	capability {{ {capabilities} }}
	family {{ {families} }}
	{nexthop}
	announce {{
		ipv4 {{ unicast {route4} next-hop {next4}; }}
		ipv6 {{ unicast {route6} next-hop {next6}; }}
	}}
	{flow}
	api {{
		processes [ listener ];
		neighbor-changes;
		receive {{ parsed; open; update; }}
	}}
}}
"""

FLOW = """\
	flow {
		route one {
			match { destination 192.0.2.0/24; protocol udp;
				destination-port =53; }
			then { discard; }
		}
	}
"""


class Exabgp:
    program = "exabgp"
    heard_communities = ('[ 65000, 100 ]', '[ 65535, 65281 ]',
                         '[ 65000, 1 , 2 ]', '65000:7',
                         '[ 65000, 65000 ]', '"med": 5')
    blackhole = "[ 65535, 666 ]"

    def __init__(self, namespace, asn):
        self.namespace, self.asn = namespace, asn
        self.file = namespace.dir / "heard.json"
        script = namespace.dir / "listener.sh"
        # Its standard output stays open: else ExaBGP takes it for dead.
        self.orders = namespace.dir / "orders"
        self.orders.touch()
        script.write_text(f"tail -n +1 -f {self.orders} &\n"
                          f"cat >> {self.file}\nkill $!\n")
        script.chmod(0o755)
        self.config = PROCESS.format(script=script)
        self.process = None

    def peer(self, session, asn):
        lines = ["passive true;", "listen 179;"]
        if session.passive is False:
            lines = ["connect 179;"]
        if session.has("MD5"):
            lines.append(f'md5-password "{SECRET}";')
        if session.has("GTSM"):
            lines.append("outgoing-ttl 255;\n\tincoming-ttl 255;")
        if session.has("multihop"):
            lines.append("outgoing-ttl 3;")
        capabilities = ["asn4 enable;", "route-refresh enable;",
                        "extended-message enable;"]
        if session.has("graceful restart"):
            capabilities.append("graceful-restart 60;")
        families = "ipv4 unicast; ipv6 unicast;"
        if session.has("flowspec"):
            families += " ipv4 flow; ipv6 flow;"
        self.config += NEIGHBOR.format(
            session=session, asn=asn, local=self.asn,
            lines="\n\t".join(lines), capabilities=" ".join(capabilities),
            families=families, route4=ROUTE4, route6=ROUTE6,
            next4=session.address if session.has("RFC 8950")
            else session.peer4, next6=session.peer6,
            nexthop="nexthop { ipv4 unicast ipv6; }"
            if session.has("RFC 8950") else "",
            flow=FLOW if session.has("flowspec") else "")

    def start(self):
        config = self.namespace.dir / "exabgp.conf"
        config.write_text(self.config)
        self.process = self.namespace.popen(
            "exabgp", config, name="exabgp",
            env={"exabgp.daemon.user": "root", "exabgp.log.level": "DEBUG",
                 "exabgp.log.packets": "false", "exabgp.api.cli": "false",
                 "exabgp.tcp.delay": "0"})
        return self

    def heard(self, session):
        if not self.file.exists():
            return ""
        return "".join(
            line for line in self.file.read_text().splitlines(True)
            if f'"peer": "{session.node}"' in line)

    def refresh(self, session):
        with self.orders.open("a") as orders:
            for family in ("ipv4", "ipv6"):
                orders.write(f"neighbor {session.node} announce "
                             f"route-refresh {family} unicast\n")

    def story(self, session):
        return self.heard(session) + self.process.output()

    def kill(self):
        self.process.kill()
