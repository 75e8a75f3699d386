# SPDX-License-Identifier: ISC
"""Other speakers than BIRD and FRR: they hear both families with everything
that was configured, and their goodbye is understood."""

import os
import shutil

import pytest

from lab import wait_until
from lab.site import PREFIX4, PREFIX6

MORE = """
    prepend: 1
    med: 5
    communities: ["65000:100", no-export, "65000:1:2", "rt:65000:7"]"""

OPENBGPD = """\
AS 65001
router-id 10.255.0.9
socket "{dir}/bgpd.sock"
fib-update no
neighbor {node} {{
	remote-as 65000
	announce IPv4 unicast
	announce IPv6 unicast
}}
allow from any
"""

GOBGP = """\
[global.config]
as = 65001
router-id = "10.255.0.9"
[[neighbors]]
[neighbors.config]
neighbor-address = "{node}"
peer-as = 65000
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv4-unicast"
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "ipv6-unicast"
"""

EXABGP = """\
neighbor {node} {{
	router-id 10.255.0.9;
	local-address {router};
	local-as 65001;
	peer-as 65000;
	family {{ ipv4 unicast; ipv6 unicast; }}
}}
"""


class Openbgpd:
    program = "bgpctl"
    wanted = ("65000:100", "NO_EXPORT", "65000:1:2", "rt 65000:7",
              "65000 65000", "metric 5")

    def __init__(self, upstream):
        self.space = upstream.namespace
        config = self.space.dir / "bgpd.conf"
        config.write_text(OPENBGPD.format(dir=self.space.dir,
                                          node=upstream.node4))
        config.chmod(0o600)
        os.makedirs("/run/openbgpd", exist_ok=True)  # it locks itself in
        self.process = self.space.popen("/usr/sbin/bgpd", "-d", "-f",
                                        config, name="openbgpd")

    def heard(self):
        return self.space.run("bgpctl", "-s", self.space.dir / "bgpd.sock",
                              "show", "rib", "detail", check=False)


class Gobgp:
    program = "gobgpd"
    wanted = ("65000:100", "no-export", "65000:1:2", "65000:7",
              "65000 65000", "{Med: 5}")

    def __init__(self, upstream):
        self.space = upstream.namespace
        config = self.space.dir / "gobgp.conf"
        config.write_text(GOBGP.format(node=upstream.node4))
        self.process = self.space.popen(
            "gobgpd", "-f", config, "--pprof-disable", "--api-hosts",
            "127.0.0.1:50051", name="gobgpd")

    def heard(self):
        return "".join(self.space.run("gobgp", "global", "rib", "-a", family,
                                      check=False)
                       for family in ("ipv4", "ipv6"))


class Exabgp:
    program = "exabgp"
    wanted = ("UPDATE #1 nlri", "eor 1/1", "eor 2/1")

    def __init__(self, upstream):
        self.space = upstream.namespace
        config = self.space.dir / "exabgp.conf"
        config.write_text(EXABGP.format(
            dir=self.space.dir, node=upstream.node4,
            router=upstream.address4))
        self.process = self.space.popen(
            "exabgp", config, name="exabgp",
            env={"exabgp.daemon.user": "root", "exabgp.log.level": "DEBUG",
                 "exabgp.log.routes": "true", "exabgp.api.cli": "false"})

    def heard(self):
        return self.process.output()


@pytest.mark.parametrize("kind", [Openbgpd, Gobgp, Exabgp],
                         ids=["openbgpd", "gobgp", "exabgp"])
def test_other_speakers_hear_all_and_say_goodbye(site, kind):
    if not shutil.which(kind.program, path="/usr/bin:/usr/sbin"):
        pytest.skip(f"{kind.program} is not installed")
    upstream = site.upstream("other")
    speaker = kind(upstream)
    basin = site.basind(upstream.peer(MORE)).start()

    def missing():
        heard = speaker.heard()
        return [word for word in (PREFIX4, PREFIX6, *kind.wanted)
                if word not in heard]

    wait_until(lambda: not missing(), 9,
               lambda: f"{missing()} in\n{speaker.heard()}",
               alive=speaker.process.check)
    assert basin.peer("other")["state"] == "Established"
    speaker.process.stop(5)
    wait_until(lambda: basin.peer_error("other"), 3, "its goodbye")
    assert basin.peer("other")["state"] != "Established"
