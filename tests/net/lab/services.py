# SPDX-License-Identifier: ISC
"""Services to be checked. In-process ones can be told how to misbehave;
those with `own` in their name are programs that can be killed."""

import http.server
import socket
import sys
import threading

from .waiting import wait_until

IPV6_FREEBIND = 78
IP_FREEBIND = 15


def _family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _bound(namespace, kind, address, port):
    """A socket on an address that may not be there yet."""
    server = namespace.socket(_family(address), kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if ":" in address:
        server.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    else:
        server.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
    server.bind((address, port))
    return server


class _Service:
    """Starts and stops a thread on a socket."""

    kind = socket.SOCK_STREAM

    def __init__(self, namespace, address, port):
        self.namespace, self.address, self.port = namespace, address, port
        self._socket = None
        namespace.lab.closers.append(self.stop)
        self.start()

    def start(self):
        self._socket = _bound(self.namespace, self.kind, self.address,
                              self.port)
        self._begin(self._socket)
        return self

    def stop(self):
        """At once refused, as after a crash."""
        if self._socket:
            if self.kind == socket.SOCK_STREAM:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)  # wakes accept()
                except OSError:
                    pass
            self._socket.close()
            self._socket = None


class TcpService(_Service):
    """Accepts, sends a banner when there is one, and closes."""

    def __init__(self, namespace, address, port=8053, banner=b""):
        self.banner = banner
        self.connections = 0
        super().__init__(namespace, address, port)

    def _begin(self, server):
        server.listen(128)
        threading.Thread(target=self._serve, args=(server,),
                         daemon=True).start()

    def _serve(self, server):
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                if self.banner:
                    connection.sendall(self.banner)


class HttpService(_Service):
    """Answers what it is told: set .status, .body, .headers; .hang holds the
    answer back."""

    def __init__(self, namespace, address, port=8080):
        self.status, self.body, self.headers = 200, b"fine\n", {}
        self.hang = False
        self.requests = []  # (path, headers) seen
        self._released = threading.Event()
        super().__init__(namespace, address, port)

    def _begin(self, server):
        server.listen(128)
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                service.requests.append((self.path, dict(self.headers)))
                if service.hang:
                    service._released.wait(20)
                    return
                self.send_response(service.status)
                for name, value in service.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(service.body)))
                self.end_headers()
                self.wfile.write(service.body)

            do_HEAD = do_POST = do_GET

            def log_message(self, *_):
                pass

        threading.Thread(target=self._serve, args=(server, Handler),
                         daemon=True).start()

    def _serve(self, server, handler):
        while True:
            try:
                connection, address = server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, daemon=True,
                             args=(handler, connection, address)).start()

    @staticmethod
    def _answer(handler, connection, address):
        try:
            handler(connection, address, None)
        except OSError:
            pass  # the client went
        finally:
            connection.close()

    def stop(self):
        self._released.set()
        super().stop()


class UdpService(_Service):
    """Echoes every datagram, behind a word of its own."""

    kind = socket.SOCK_DGRAM

    def __init__(self, namespace, address, port=7, word=b""):
        self.word = word
        super().__init__(namespace, address, port)

    def _begin(self, server):
        server.settimeout(0.1)
        threading.Thread(target=self._serve, args=(server,),
                         daemon=True).start()

    def _serve(self, server):
        while self._socket is server:
            try:
                data, client = server.recvfrom(4096)
                server.sendto(self.word + data, client)
            except TimeoutError:
                continue
            except OSError:
                return


OWN_TCP = """
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(*((41, 78) if ":" in sys.argv[1] else (0, 15)), 1)
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen(128)
while True:
    s.accept()[0].close()
"""


def own_tcp_service(namespace, address, port, name="service"):
    """A TCP service that is a process: it can be killed with -9."""
    process = namespace.popen(sys.executable, "-I", "-S", "-c", OWN_TCP,
                              address, port, name=name)

    def answers():
        with namespace.socket(_family(address), socket.SOCK_STREAM) as client:
            client.settimeout(1)
            if ":" in address:
                client.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
            return client.connect_ex((address, port)) == 0

    if address in namespace.addresses():
        wait_until(answers, 5, f"{process.name} answers",
                   alive=process.check)
    return process


ZONE = """\
$ORIGIN example.com.
$TTL 60
@	SOA	ns.example.com. hostmaster.example.com. 1 3600 600 86400 60
	NS	ns
ns	A	192.0.2.53
www	A	198.51.100.1
"""

NSD = """\
server:
	server-count: 1
	username: ""
	chroot: ""
	zonesdir: "{dir}"
	database: ""
	pidfile: "{dir}/nsd.pid"
	xfrdfile: "{dir}/xfrd.state"
	zonelistfile: "{dir}/zone.list"
	xfrdir: "{dir}"
	nsid: "ascii_{nsid}"
	identity: "{nsid}"
	ip-freebind: yes
	reuseport: no
	rrl-ratelimit: 0
	verbosity: 0
{addresses}
remote-control:
	control-enable: no
zone:
	name: example.com
	zonefile: {dir}/example.com.zone
"""


class Nsd:
    """A real authoritative name server for example.com with its own NSID."""

    def __init__(self, namespace, addresses, nsid):
        self.namespace = namespace
        self.addresses = addresses
        self.nsid = nsid
        self.dir = namespace.dir / "nsd"
        self.dir.mkdir(exist_ok=True)
        self.process = None

    def start(self):
        (self.dir / "example.com.zone").write_text(ZONE)
        config = self.dir / "nsd.conf"
        config.write_text(NSD.format(
            dir=self.dir, nsid=self.nsid, addresses="".join(
                f"\tip-address: {a}\n" for a in self.addresses)))
        self.process = self.namespace.popen("nsd", "-d", "-c", config,
                                            name="nsd")
        return self

    def kill(self):
        """kill -9 of the server and of the processes it made."""
        import os
        import signal
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.stop()
