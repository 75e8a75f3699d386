# SPDX-License-Identifier: ISC
"""10,000 checks of several kinds: configured, run, reported. What they cost
is measured in bench/."""

from lab import wait_until
from lab.services import TcpService, UdpService
from lab.site import PREFIX4, SERVICE4

SERVICES = 100
CHECKS = 100


def text():
    """Of ten checks four are tcp, four udp, one is push and one file."""
    lines = ["node: {name: one, asn: 65000, router_id: 10.255.255.1, "
             "linger: 100ms}", "services:"]
    for s in range(SERVICES):
        address = f"addresses: [{SERVICE4}]" if s == 0 else ""
        lines.append(f"  s{s}:\n    {address}\n    checks:")
        for c in range(CHECKS):
            kind = [f"tcp: 7000, address: {SERVICE4}",
                    f"udp: {{port: 7001, send: x}}, address: {SERVICE4}",
                    "push: 1h", "file: /etc/passwd"][
                        c % 2 if c % 10 < 8 else c % 10 - 6]
            lines.append(f"      - {{name: c{s}-{c}, {kind}, rise: 1}}")
    names = ", ".join(f"s{s}" for s in range(SERVICES))
    lines.append(f"prefixes:\n  {PREFIX4}: {{services: [{names}]}}")
    return "\n".join(lines) + "\n"


def test_ten_thousand_checks_decide(site):
    upstream = site.upstream().expect(families=(4,)).start()
    node = site.basind(upstream.peer(families=(4,)), node=text(), http=True)
    tcp = TcpService(site.node, SERVICE4, 7000)
    UdpService(site.node, SERVICE4, 7001)
    node.start()
    wait_until(lambda: node.metric("basin_check_runs_total") >= 10000, 30,
               node.log)
    assert node.ask("show checks", limit=1)["total"] == SERVICES * CHECKS
    assert not upstream.router.has(PREFIX4)  # nobody has reported yet
    for s in range(SERVICES):
        assert len(node.ask("push", name=f"s{s}")["checks"]) == CHECKS // 10
    upstream.wait_routes(PREFIX4, timeout=30)
    tcp.stop()
    upstream.wait_gone(PREFIX4, timeout=30)
    assert node.metric("basin_check_skipped_total") < 10000
