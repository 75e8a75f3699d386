# SPDX-License-Identifier: ISC
"""Each option of a peer, changed at a reload: basin.yaml(5) says what that
does to the session, the wire shows it."""

import subprocess

from lab import Capture, bgp, wait_until
from lab.basin import build_dir
from lab.network import LabError
from lab.site import PREFIX4, PREFIX6, SERVICE4

# How each option is changed. A line may need the place: {node4}, {key} ...
VALUES = {
    "address": "address: 10.99.0.1",
    "description": "description: other",
    "interface": "interface: {interface}",
    "port": "port: 1790",
    "asn": "asn: 65099",
    "local_asn": "local_asn: 65010",
    "source": "source: {node4}",
    "passive": "passive: true",
    "shutdown": "shutdown: true",
    "families": "families: [ipv4]\nnext_hop: {node4}",
    "hold_time": "hold_time: 30s",
    "keepalive": "keepalive: 7s",
    "connect_retry": "connect_retry: 2s",
    "idle_hold": "idle_hold: {{first: 2s}}",
    "send_hold_time": "send_hold_time: 20m",
    "extended_messages": "extended_messages: true",
    "md5": "md5: {{key_file: {key}}}",
    "gtsm": "gtsm: on",
    "ttl": "ttl: 5",
    "multihop": "multihop: true",
    "next_hop": "next_hop: [{node4}, 2001:db8:77::1]",
    "prefixes": f"prefixes: [{PREFIX4}]",
    "prepend": "prepend: 2",
    "med": "med: 5",
    "communities": 'communities: ["65000:5"]',
    "ladder": "ladder: {{degraded: {{prepend: 3}}}}",
    "role": "role: customer",
    "role_strict": "role: customer\nrole_strict: true",
    "import": "import: default",
    "first_as": "first_as: false",
    "as_set": "as_set: accept",
    "max_prefix": "max_prefix: 77",
    "blackhole": "blackhole: {{accept: [198.51.100.0/24]}}",
    "bfd": "bfd: on",
    "install": "install: true",
    "graceful_restart": "graceful_restart: off",
}
# The rung it is about is not the one it is on: nothing, in the test.
LESS = {"ladder": "nothing"}
# Options that cannot be tried on this session, and why.
WITHOUT = {
    "max_sessions": "of neighbours from a prefix only",
    "tcp_ao": "needs a kernel with TCP-AO",
    "local_pref": "means something inside the AS only",
}


def effects():
    text = subprocess.run([build_dir() / "man" / "conf_text", "effects"],
                          check=True, capture_output=True, text=True).stdout
    return dict(line.split("\t") for line in text.splitlines())


def seen(wire, node):
    """The greatest effect that the neighbour has seen."""
    if wire.notifications(node):
        return "new session"
    if wire.messages(node, bgp.REFRESH):
        return "route refresh"
    return "UPDATEs" if wire.updates(node) else "nothing"


def test_every_option_has_a_value():
    assert set(effects()) == set(VALUES) | set(WITHOUT)


def test_what_each_option_does(site):
    transit = site.upstream().expect().start()
    base = transit.peer()
    basin = site.basind(base).start()
    transit.wait_routes()
    key = basin.dir / "key"
    key.write_text("secret\n")
    key.chmod(0o644)
    place = {"node4": transit.node4, "key": key,
             "interface": transit.link.interface(site.node)}
    wrong = {}

    def calm():
        view = basin.peer("transit")
        return view["state"] == "Established" and view["pending"] == 0 and (
            transit.router.has(PREFIX4, PREFIX6))

    for option, value in VALUES.items():
        wait_until(calm, 30, f"the session is there before {option}")
        lines = value.format(**place)
        # A second line of the same key would not be YAML.
        text = "".join(
            line for line in base.splitlines(keepends=True)
            if line.strip().split(":")[0] not in
            [other.split(":")[0] for other in lines.splitlines()])
        text += "".join(f"    {line}\n" for line in lines.splitlines())
        if option == "md5":
            key.chmod(0o600)
            subprocess.run(["chown", "nobody", key], check=True)
        basin.configure(site.config(text))
        expected = LESS.get(option, effects()[option])
        with Capture(transit.namespace, transit.interface) as wire:
            try:
                basin.ask("reload")
            except LabError as error:
                wrong[option] = str(error)
                continue
            if expected == "nothing":
                # What there is to say goes before the next KEEPALIVE's
                # answer: a change that is announced stands behind it.
                basin.configure(site.config(text + "    med: 66\n"))
                basin.ask("reload")
                wire.wait(bgp.UPDATE, transit.node4, timeout=10)
                found = [m for m in wire.messages(transit.node4)
                         if m.kind != bgp.KEEPALIVE]
                got = ("nothing" if all(m.kind == bgp.UPDATE for m in found)
                       and len(found) <= 2 else seen(wire, transit.node4))
            else:
                wait_until(lambda: seen(wire, transit.node4) != "nothing",
                           15, f"{option}: {expected}")
                got = seen(wire, transit.node4)
        if got != expected:
            wrong[option] = f"{got}, expected {expected}"
        basin.configure(site.config(base))
        basin.ask("reload")
    assert not wrong
    assert SERVICE4 in site.node.addresses()
