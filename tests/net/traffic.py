# SPDX-License-Identifier: ISC
"""A client that sends datagrams to a service address, ten a second."""

import socket
import threading
import time

EVERY = 0.1


class Traffic:
    """`with Traffic(namespace, address) as client:` ... client.stop()"""

    def __init__(self, namespace, address, port=7):
        self.namespace = namespace
        self.where = (address, port)
        self.socket = namespace.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET,
            socket.SOCK_DGRAM)
        self.going = False
        self.thread = None

    def __enter__(self):
        self.going = True
        self.thread = threading.Thread(target=self._send, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.stop()
        self.socket.close()

    def stop(self):
        self.going = False
        self.thread.join()

    def _send(self):
        while self.going:
            try:
                self.socket.sendto(b"x", self.where)
            except OSError:
                pass  # nobody there, or no route: it goes on asking
            time.sleep(EVERY)
