# SPDX-License-Identifier: ISC
"""When the machine does not give: a clear message, no false route."""

import socket

from lab import in_memory, stays, wait_until
from lab.site import PREFIX4, PREFIX6, node_text


def test_a_full_disk_refuses_the_drain_and_changes_nothing(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer())
    state = basin.dir / "state"
    with in_memory(state, "8k"):
        basin.start()
        transit.wait_routes()
        (state / "filler").write_bytes(b"x" * 4096)
        status, output = basin.command("drain", "node", "--reason", "x",
                                       "--now")
        assert status == 1
        assert "No space left" in output, output
        stays(lambda: transit.router.has(PREFIX4, PREFIX6), 0.3,
              "not drained")
        (state / "filler").unlink()
        basin.cli("drain", "node", "--reason", "x", "--now")
        transit.wait_gone()
        basin.process.stop()


def test_a_full_disk_hinders_neither_offline_nor_what_ends(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer())
    state = basin.dir / "state"
    with in_memory(state, "12k"):
        basin.start()
        transit.wait_routes()
        basin.cli("attack", "on", "--reason", "x", "--for", "2s")
        (state / "filler").write_bytes(b"x" * 4096)
        wait_until(lambda: "could not be written" in basin.log(), 10,
                   basin.log)
        assert basin.ask("status")["attack"] is None
        status, output = basin.command("offline", "--reason", "intruder")
        assert status == 1 and "offline now" in output, output
        transit.wait_gone()
        (state / "filler").unlink()
        basin.cli("offline", "--reason", "intruder")
        assert "offline" in (state / "drains.json").read_text()
        basin.process.stop()


def test_port_179_in_use_is_said_and_ends_the_start(site):
    transit = site.upstream().expect().start()
    with site.node.socket(socket.AF_INET, socket.SOCK_STREAM) as thief:
        thief.bind(("0.0.0.0", 179))
        thief.listen()
        basin = site.basind(transit.peer())
        basin.start(wait=False)
        assert basin.process.wait() == 1
        assert "179" in basin.log()


def test_a_second_daemon_on_the_same_socket_is_refused(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer()).start()
    transit.wait_routes()
    other = site.node.popen(*basin.process.argv, name="second")
    assert other.wait() != 0
    assert "basin.sock" in other.output()
    assert basin.ask("status")["state"] == "announcing"
    stays(lambda: transit.router.has(PREFIX4, PREFIX6), 0.3, "undisturbed")


def test_no_descriptor_left_is_unknown_and_not_down(site):
    """Clients of the control socket eat them all; checks cannot be done."""
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer())
    basin.start(under=("prlimit", "--nofile=48:48"))
    transit.wait_routes()
    eaters = []
    for _ in range(60):
        eater = socket.socket(socket.AF_UNIX)
        eater.settimeout(1)
        eater.connect(str(basin.dir / "basin-ro.sock"))
        eaters.append(eater)
    stays(lambda: transit.router.has(PREFIX4, PREFIX6), 1,
          "a check that cannot be done withdraws nothing")
    for eater in eaters:
        eater.close()
    assert basin.process.running()
    site.fail()
    transit.wait_gone()
    site.recover()
    transit.wait_routes()


def test_a_wrong_configuration_is_refused_with_line_and_column(site):
    basin = site.basind("  transit: {address: 10.0.1.2, asn: sixty}\n")
    basin.start(wait=False)
    assert basin.process.wait() == 78
    assert "basin.yaml:" in basin.log() and "sixty" in basin.log()
    assert not site.node.routes("proto 179")


def test_a_missing_file_is_refused_with_its_name(site):
    basin = site.basind("  transit: {address: 10.0.1.2, asn: 65001}\n")
    basin.path.unlink()
    basin.start(wait=False)
    assert basin.process.wait() in (1, 78)
    assert "basin.yaml" in basin.log()


def test_an_interface_that_is_not_there_keeps_the_gate_shut(site):
    transit = site.upstream().expect().start()
    node = node_text().replace(
        "    checks:", "    interface: nowhere0\n    checks:")
    basin = site.basind(transit.peer(), node=node).start()
    wait_until(lambda: transit.router.established(transit.node4), 5,
               "Established")
    stays(lambda: not transit.router.has(PREFIX4), 0.5, "not announced")
    assert "nowhere0" in basin.log() + basin.cli("status")
    site.node.ip("link add nowhere0 type veth peer nowhere1")
    site.node.ip("link set nowhere0 up")
    transit.wait_routes(timeout=9)
