# SPDX-License-Identifier: ISC
"""Keys of TCP connections (RFC 2385, RFC 5925), with real routers."""

import pathlib
import pwd
import shutil
import socket
import struct

import pytest

from lab import Bird, Frr, Peer, stays, wait_until
from lab.rootless import is_rootless

ROUTERS = pytest.mark.parametrize("kind", [Bird, Frr], ids=["bird", "frr"])
TCP_MD5SIG_EXT = 32


def key_file(site, name, key):
    """Readable by basind alone, also after it has left root."""
    path = pathlib.Path(site.node.dir) / f"{name}.key"
    path.write_text(key + "\n")
    path.chmod(0o600)
    if not is_rootless():
        shutil.chown(path, pwd.getpwnam("nobody").pw_uid)
    return path


def with_key(kind, key):
    if kind is Bird:
        return {"options": f'password "{key}";'}
    return {"options": [f"password {key}"]}


def md5(path):
    return f"md5: {{key_file: {path}}}"


@ROUTERS
@pytest.mark.parametrize("session", [4, 6])
def test_a_session_with_a_key(site, kind, session):
    transit = site.upstream(kind=kind).expect(
        session=session, **with_key(kind, "s3cret")).start()
    path = key_file(site, "transit", "s3cret")
    basin = site.basind(transit.peer(md5(path), session=session)).start()
    transit.wait_routes(timeout=20)
    shown = basin.cli("show", "peers", "--json")
    assert "s3cret" not in shown + basin.log()
    assert basin.peer("transit")["authentication"] == "md5"


@ROUTERS
def test_the_router_connects_with_the_key(site, kind):
    """Our side is passive: the key is that of the listening socket."""
    transit = site.upstream(kind=kind).expect(
        **with_key(kind, "correct")).start()
    path = key_file(site, "transit", "correct")
    site.basind(transit.peer("passive: true\n" + md5(path))).start()
    transit.wait_routes(timeout=20)


def test_a_key_of_eighty_octets(site):
    key = "0123456789" * 8
    transit = site.upstream().expect(**with_key(Bird, key)).start()
    path = key_file(site, "transit", key)
    site.basind(transit.peer(md5(path))).start()
    transit.wait_routes(timeout=20)


def test_one_of_two_has_a_key(site):
    plain = site.upstream("plain", 65002).expect().start()
    signed = site.upstream("signed", 65003).expect(
        **with_key(Bird, "correct")).start()
    path = key_file(site, "signed", "correct")
    site.basind(plain.peer(), signed.peer(md5(path))).start()
    plain.wait_routes(timeout=20)
    signed.wait_routes(timeout=20)


def cause(basin, name="transit"):
    return (basin.peer(name).get("diagnosis") or {}).get("cause", "")


def test_another_key_is_named(site):
    """Both connect: what arrives is signed with another key."""
    transit = site.upstream().expect(**with_key(Bird, "correct")).start()
    path = key_file(site, "transit", "mistaken")
    basin = site.basind(transit.peer(md5(path))).start()
    wait_until(lambda: "another key" in cause(basin), 30,
               lambda: basin.peer("transit"))
    assert basin.peer("transit")["state"] != "Established"
    assert "key" in basin.peer("transit")["diagnosis"]["cure"]
    shown = basin.cli("show", "peers")
    assert "another key" in shown and "mistaken" not in shown


def test_a_router_without_a_key_is_named(site):
    transit = site.upstream().expect().start()
    path = key_file(site, "transit", "correct")
    basin = site.basind(transit.peer(md5(path))).start()
    wait_until(lambda: "without a key" in cause(basin), 30,
               lambda: basin.peer("transit"))


def test_a_key_that_only_the_router_has_is_named(site):
    transit = site.upstream().expect(**with_key(Bird, "correct")).start()
    basin = site.basind(transit.peer()).start()
    wait_until(lambda: "signs" in cause(basin), 30,
               lambda: basin.peer("transit"))


def test_a_silent_listener_with_a_key_is_suspected(site):
    """It never connects by itself, so only the lack of answers is seen."""
    transit = site.upstream().expect(
        passive=True, **with_key(Bird, "correct")).start()
    path = key_file(site, "transit", "mistaken")
    basin = site.basind(transit.peer(md5(path))).start()
    wait_until(lambda: "key" in cause(basin), 30,
               lambda: basin.peer("transit"))


def test_a_new_key_without_a_new_session(site):
    """Changed on both sides within the hold time nothing is lost."""
    transit = site.upstream()
    path = key_file(site, "transit", "old")
    config = site.config(transit.peer("passive: true\n" + md5(path)))
    basin = site.basind(transit.peer("passive: true\n" + md5(path))).start()
    peer = Peer(transit.namespace, transit.address4)
    peer.socket = transit.namespace.socket(socket.AF_INET,
                                           socket.SOCK_STREAM)
    peer.socket.settimeout(20)
    sign(peer.socket, transit.node4, b"old")
    peer.socket.bind((transit.address4, 0))
    peer.socket.connect((transit.node4, 179))
    peer.establish()
    key_file(site, "transit", "new")
    basin.reload(config)
    wait_until(lambda: basin.generation() == 2, 20, basin.log)
    sign(peer.socket, transit.node4, b"new")

    def heard():
        return basin.peer("transit")["messages_in"]["keepalive"]
    before = heard()
    peer.keepalive()
    wait_until(lambda: heard() > before, 20, lambda: basin.peer("transit"))
    assert basin.peer("transit")["established"] == 1


def sign(sock, address, key):
    remote = struct.pack("!HH4s", 0, 0, socket.inet_aton(address))
    remote = struct.pack("=H", socket.AF_INET) + remote[2:]
    sock.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG_EXT, struct.pack(
        "128sBBHi80s", remote, 0, 0, len(key), 0, key))


def test_a_missing_key_is_fatal_at_start(site):
    transit = site.upstream()
    basin = site.basind(transit.peer("md5: {key_file: /nowhere/key}"))
    basin.start(wait=False)
    assert basin.process.wait(10) == 78
    assert "/nowhere/key" in basin.log()


def test_a_missing_key_is_refused_at_a_reload(site):
    transit = site.upstream().expect(**with_key(Bird, "correct")).start()
    path = key_file(site, "transit", "correct")
    basin = site.basind(transit.peer(md5(path))).start()
    transit.wait_routes(timeout=20)
    path.unlink()
    basin.reload()
    wait_until(lambda: "cannot be read" in basin.log(), 20, basin.log)
    stays(lambda: transit.router.established(transit.node4), 1,
          "Established")


def test_tcp_ao_where_the_kernel_has_it_not(site):
    probe = socket.socket()
    try:
        probe.setsockopt(socket.IPPROTO_TCP, 38, bytes(288))
    except OSError as problem:
        if problem.errno != 92:  # ENOPROTOOPT
            pytest.skip("this kernel has TCP-AO: nothing is refused")
    finally:
        probe.close()
    transit = site.upstream().expect().start()
    path = key_file(site, "transit", "correct")
    basin = site.basind(transit.peer(f"tcp_ao: {{key_file: {path}}}")).start()
    wait_until(lambda: "this kernel has no TCP-AO"
               in basin.peer_error("transit"), 20,
               lambda: basin.peer("transit"))
    assert "TCP-AO" in cause(basin)
