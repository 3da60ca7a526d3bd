# SPDX-License-Identifier: ISC
"""The other ends of datagram sockets that the daemon writes to: a syslog
daemon's, and a service manager's."""
import socket
import threading


class DatagramSocket:
    """Keeps each message, as text."""

    def __init__(self, path):
        self.path = str(path)
        self.received = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()

    def receive(self):
        while True:
            message = self.socket.recv(65536)
            if not message:
                return
            self.received.append(message.decode(errors="replace"))

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self.path)
        self.thread.join()
        self.socket.close()


class Manager(DatagramSocket):
    """A service manager's NOTIFY_SOCKET, with a watchdog."""

    def __init__(self, path, watchdog_s):
        super().__init__(path)
        self.env = {"NOTIFY_SOCKET": self.path,
                    "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}

    def count(self, line):
        return sum(line in m.split("\n") for m in self.received)

    def position(self, line):
        """Of the first message that has it."""
        return next(n for n, m in enumerate(self.received)
                    if line in m.split("\n"))
