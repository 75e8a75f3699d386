# SPDX-License-Identifier: ISC
"""Who is compared: each announces the prefix while its check passes. All
check the same service at the same interval, down after one failure."""

import shutil
import sys
import textwrap

from stage import ASN, PREFIX, ROUTER_ASN, family
from lab import Basin, wait_until

HTTP_SERVICE = """
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen(128)
while True:
    c = s.accept()[0]
    try:
        c.recv(4096)
        c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n"
                  b"Connection: close\\r\\n\\r\\nfine\\n")
    except OSError:
        pass
    c.close()
"""


def http_service(stage, port=9002):
    """A web server that is one process."""
    process = stage.node.popen(sys.executable, "-I", "-S", "-c", HTTP_SERVICE,
                               stage.address, port, name="http")

    def answers():
        with stage.node.socket() as client:
            client.settimeout(1)
            return client.connect_ex((stage.address, port)) == 0
    wait_until(answers, 5, "the web server answers", alive=process.check)
    return process


class Contestant:
    """start(stage, interval) begins; pids() are all its processes."""

    name = ""
    needs = ()  # programs
    intervals = (0.1, 1.0)

    @classmethod
    def possible(cls):
        return all(shutil.which(program) for program in cls.needs)

    def start(self, stage, interval):
        raise NotImplementedError

    def pids(self):
        return [pid for process in self.processes
                for pid in family(process.pid)]


class BasinHttp(Contestant):
    name = "basin, http check"
    http = False  # /metrics and the rest
    check = ("http: {{url: 'http://{address}:9002/health'}}")

    def start(self, stage, interval):
        self.node = Basin(stage.node, self.config(stage, interval),
                          http=self.http)
        self.node.start()
        self.processes = [self.node.process]

    def config(self, stage, interval):
        check = self.check.format(address=stage.address)
        return textwrap.dedent(f"""
            node: {{name: node, asn: {ASN}, router_id: 10.255.1.1}}
            bgp: {{listen: []}}
            services:
              web:
                addresses: [{stage.address}]
                checks:
                  - {check}
                    interval: {int(interval * 1000)}ms
                    rise: 1
                    fall: 1
            prefixes:
              {PREFIX}: {{services: [web]}}
            peers:
              router: {{address: {stage.remote}, asn: {ROUTER_ASN}}}
            """)


class BasinTcp(BasinHttp):
    name = "basin, tcp check"
    check = "tcp: {{port: 9002}}"


class BasinDns(BasinHttp):
    name = "basin, dns check"
    check = "dns: {{query: example.com SOA, port: 9053}}"


class BasinExec(BasinHttp):
    """A command that connects: no slower than it must be."""

    name = "basin, exec check"
    check = ("exec: {{command: [/bin/bash, -c, "
             "'true <>/dev/tcp/{address}/9002 || exit 2']}}")


class Exabgp(Contestant):
    name = "ExaBGP healthcheck"
    needs = ("exabgp", "curl")

    def start(self, stage, interval):
        folder = stage.node.dir / "exabgp"
        folder.mkdir()
        check = folder / "check.conf"
        check.write_text(textwrap.dedent(f"""
            command = curl -sf --max-time 1 http://{stage.address}:9002/health
            ip = {PREFIX}
            interval = {interval}
            fast-interval = {interval}
            rise = 1
            fall = 1
            withdraw-on-down
            no-ip-setup
            no-syslog
            """))
        config = folder / "exabgp.conf"
        config.write_text(textwrap.dedent(f"""
            process healthcheck {{
                run {sys.executable} -m exabgp healthcheck --config {check};
                encoder text;
            }}
            neighbor {stage.remote} {{
                router-id 10.255.1.1;
                local-address {stage.local};
                local-as {ASN};
                peer-as {ROUTER_ASN};
                family {{ ipv4 unicast; }}
                api {{ processes [ healthcheck ]; }}
            }}
            """.replace(sys.executable, "/usr/bin/python3")))
        process = stage.node.popen(
            "exabgp", config, name="exabgp", env={
                "exabgp.daemon.user": "root", "exabgp.log.level": "CRIT",
                "exabgp.api.cli": "false", "exabgp.daemon.drop": "false"})
        self.processes = [process]


BIRD = """
log "{log}" all;
router id 10.255.1.1;
protocol device {{ scan time 1; }}
protocol static anycast {{ disabled; ipv4; route {prefix} blackhole; }}
protocol bgp upstream {{
    local {local} as {asn};
    neighbor {remote} as {router_asn};
    connect delay time 1;
    connect retry time 1;
    ipv4 {{ import none; export where proto = "anycast"; next hop self; }};
}}
"""

SCRIPT = """
state=down
while :; do
    if {check} >/dev/null 2>&1; then now=up; else now=down; fi
    if [ $now != $state ]; then
        if [ $now = up ]; then {up}; else {down}; fi
        state=$now
    fi
    sleep {interval}
done
"""


def bird(stage):
    folder = stage.node.dir / "birdnode"
    folder.mkdir()
    config = folder / "bird.conf"
    config.write_text(BIRD.format(
        log=folder / "bird.log", prefix=PREFIX, local=stage.local, asn=ASN,
        remote=stage.remote, router_asn=ROUTER_ASN))
    socket = folder / "bird.ctl"
    process = stage.node.popen("bird", "-f", "-c", config, "-s", socket,
                               "-P", folder / "bird.pid", name="birdnode")
    wait_until(socket.exists, 5, "BIRD's control socket")
    return process, socket


class BirdScript(Contestant):
    name = "BIRD + script"
    needs = ("bird", "birdc", "curl")

    def start(self, stage, interval):
        daemon, socket = bird(stage)
        script = SCRIPT.format(
            check=f"curl -sf --max-time 1 http://{stage.address}:9002/health",
            up=f"birdc -s {socket} enable anycast >/dev/null",
            down=f"birdc -s {socket} disable anycast >/dev/null",
            interval=interval)
        self.processes = [daemon, stage.node.popen(
            "bash", "-c", script, name="script")]


class KeepalivedBird(Contestant):
    """keepalived puts the address on an interface, BIRD exports it."""

    name = "keepalived + BIRD"
    needs = ("keepalived", "bird", "curl")
    intervals = (1.0,)

    def start(self, stage, interval):
        folder = stage.node.dir / "keepalived"
        folder.mkdir()
        daemon, socket = bird(stage)
        notify = (f"birdc -s {socket} %s anycast")
        config = folder / "keepalived.conf"
        config.write_text(textwrap.dedent(f"""
            global_defs {{
                script_user root
                enable_script_security
                vrrp_version 3
            }}
            vrrp_script check {{
                script "/usr/bin/curl -sf --max-time 1 http://{stage.address}:9002/health"
                interval {int(interval)}
                fall 1
                rise 1
            }}
            vrrp_instance anycast {{
                state BACKUP
                interface {stage.link.interface(stage.node)}
                virtual_router_id 7
                priority 100
                advert_int 0.1
                virtual_ipaddress {{ 198.51.100.9/32 dev lo }}
                track_script {{ check }}
                notify_master "/usr/sbin/{notify % 'enable'}"
                notify_backup "/usr/sbin/{notify % 'disable'}"
                notify_fault "/usr/sbin/{notify % 'disable'}"
            }}
            """))
        process = stage.node.popen(
            "keepalived", "-n", "-l", "-P", "-f", config,
            "-p", folder / "k.pid", "-r", folder / "v.pid", name="keepalived")
        self.processes = [daemon, process]


PEERS = [Exabgp, BirdScript, KeepalivedBird]
BASINS = [BasinTcp, BasinHttp, BasinDns, BasinExec]
