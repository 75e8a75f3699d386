# SPDX-License-Identifier: ISC
"""RPKI caches: stayrtr, and one that says what a test wants (RFC 8210)."""

import ipaddress
import json
import signal
import socket
import struct
import threading

SERIAL_NOTIFY, SERIAL_QUERY, RESET_QUERY, RESPONSE = 0, 1, 2, 3
PREFIX4, PREFIX6, END, CACHE_RESET, ERROR = 4, 6, 7, 8, 10


def vrp(prefix, asn, longest=None):
    """One ROA payload, as stayrtr's JSON has it."""
    network = ipaddress.ip_network(prefix)
    return {"prefix": prefix, "maxLength": longest or network.prefixlen,
            "asn": f"AS{asn}", "ta": "test"}


class Stayrtr:
    """stayrtr in a namespace; set() is seen after it is signalled."""

    def __init__(self, namespace, address, port=3323):
        self.namespace, self.address, self.port = namespace, address, port
        self.file = namespace.dir / f"vrps-{port}.json"
        self.process = None

    def set(self, *vrps):
        text = json.dumps({"metadata": {"vrps": len(vrps)},
                           "roas": list(vrps)})
        self.file.write_text(text)
        if self.process:
            self.process.signal(signal.SIGHUP)

    def start(self):
        self.process = self.namespace.popen(
            "stayrtr", "-bind", f"{self.address}:{self.port}",
            "-cache", self.file, "-checktime=false", "-refresh", "1",
            "-metrics.addr", "127.0.0.1:0", "-loglevel", "error",
            name=f"stayrtr-{self.port}")
        return self

    def kill(self):
        self.process.kill()


def pdu(kind, field=0, body=b"", version=1, length=None):
    return struct.pack("!BBHI", version, kind, field,
                       8 + len(body) if length is None else length) + body


def prefix_pdu(prefix, asn, longest=None, announce=True, version=1):
    network = ipaddress.ip_network(prefix)
    body = struct.pack("!BBBB", announce, network.prefixlen,
                       longest or network.prefixlen, 0)
    body += network.network_address.packed + struct.pack("!I", asn)
    kind = PREFIX4 if network.version == 4 else PREFIX6
    return pdu(kind, 0, body, version)


def end_pdu(session, serial, refresh=3600, retry=600, expire=7200, version=1):
    body = struct.pack("!I", serial)
    if version > 0:
        body += struct.pack("!III", refresh, retry, expire)
    return pdu(END, session, body, version)


def error_pdu(code, text, about=b"", version=1):
    octets = text if isinstance(text, bytes) else text.encode()
    body = struct.pack("!I", len(about)) + about
    return pdu(ERROR, code, body + struct.pack("!I", len(octets)) + octets,
               version)


class FakeCache:
    """Answers each query with what `answer(kind, field, body)` returns: octets,
    or None for silence. What clients sent stands in `seen`."""

    def __init__(self, namespace, address, port, answer):
        self.answer, self.seen, self.clients = answer, [], []
        self.socket = namespace.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            self.clients.append(client)
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def serve(self, client):
        try:
            with client.makefile("rb") as stream:
                while True:
                    head = stream.read(8)
                    if len(head) < 8:
                        return
                    version, kind, field, length = struct.unpack("!BBHI", head)
                    body = stream.read(length - 8)
                    self.seen.append((kind, field, body, version))
                    octets = self.answer(kind, field, body)
                    if octets:
                        client.sendall(octets)
        except OSError:
            return

    def say(self, octets):
        for client in list(self.clients):
            try:
                client.sendall(octets)
            except OSError:
                pass

    def hang_up(self):
        for client in list(self.clients):
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            client.close()
        self.clients.clear()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        self.hang_up()
