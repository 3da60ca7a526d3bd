#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A feed server that watches how it is asked. Each path is a scenario
(manners_scenarios.py), each request a line of a log, and manners_score.py says
what was wrong with them.

    manners_server.py LOG SPEED     prints its port; ends with its input

Its clock is the daemon's own: HEADLINED_TIME_ORIGIN, and so many seconds in a
real one. It listens on one port of many loopback addresses: each is a host.

When a request came is what the kernel says of its bytes (SO_TIMESTAMPNS), so
that a busy machine, on which this process runs late, accuses nobody."""
import asyncio
import json
import os
import socket
import struct
import sys
import time
from email.utils import formatdate

import manners_scenarios

SO_TIMESTAMPNS = 35                     # asm-generic/socket.h
MAX_HEAD = 64 * 1024
RESET = struct.pack("ii", 1, 0)         # SO_LINGER: close with a RST


class Clock:
    """Virtual Unix seconds, as the daemon counts them (base/clock.h)."""

    def __init__(self, speed):
        self.origin = float(os.environ["HEADLINED_TIME_ORIGIN"])
        self.speed = speed

    def at(self, real):
        return self.origin + (real - self.origin) * self.speed

    def now(self):
        return self.at(time.time())


class Ask:
    """One request. host: 1 for 127.0.0.1, and so on."""

    def __init__(self, head, real, host):
        lines = head.decode("latin-1").split("\r\n")
        self.method, target, _ = (lines[0].split(" ", 2) + ["", ""])[:3]
        self.path, _, self.query = target.partition("?")
        self.headers = [[p.strip(" \t") for p in line.split(":", 1)]
                        for line in lines[1:] if ":" in line]
        self.real = real
        self.host = host
        self.t = 0

    def get(self, name):
        return next((v for k, v in self.headers if k.lower() == name), None)


class Connection:
    def __init__(self, server, sock, host):
        self.server = server
        self.sock = sock
        self.host = host
        self.rest = b""
        self.real = 0

    async def receive(self):
        """Bytes, b"" at the end; self.real tells when they came."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                data, extra, _, _ = self.sock.recvmsg(65536, 256)
                break
            except BlockingIOError:
                ready = loop.create_future()
                loop.add_reader(self.sock, ready.set_result, None)
                try:
                    await ready
                finally:
                    loop.remove_reader(self.sock)
        self.real = time.time()
        for _, kind, value in extra:
            if kind == SO_TIMESTAMPNS:
                seconds, ns = struct.unpack("qq", value[:16])
                self.real = seconds + ns / 1e9
        return data

    async def read_ask(self):
        """None: nothing more comes."""
        data = self.rest
        while b"\r\n\r\n" not in data:
            more = await self.receive()
            if not more or len(data) > MAX_HEAD:
                return None
            data += more
        head, _, self.rest = data.partition(b"\r\n\r\n")
        return Ask(head, self.real, self.host)

    async def write(self, data):
        await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def serve(self):
        try:
            while True:
                ask = await self.read_ask()
                if ask is None or not await self.answer(ask):
                    break
        except OSError:
            pass            # gone, or killed: the log says what was answered
        finally:
            self.sock.close()

    async def answer(self, ask):
        """False: the connection is not used again."""
        number, answer = self.server.choose(ask)
        try:
            if answer.wait_s:
                await asyncio.sleep(answer.wait_s)
            return await self.send(number, answer)
        finally:
            self.server.note_end(number)

    async def send(self, number, answer):
        if answer.way == "hang":
            while await self.receive():
                pass
            return False
        if answer.way == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            return False
        if answer.way == "close":
            return False
        data = self.make_head(answer)
        if answer.way == "drip":
            await self.drip(data)
            return False
        if answer.way == "slow":
            await self.write(data)
            await self.drip(answer.body)
            return False
        if answer.way == "flood":
            await self.write(data + answer.body)
            await self.flood(number)
            return False
        if answer.status != 304:
            data += answer.body
        # Before the last byte leaves: who has read it may ask again at once.
        self.server.note_end(number)
        await self.write(data)
        return answer.length is None

    def make_head(self, answer):
        lines = [f"HTTP/1.1 {answer.status} As Asked"]
        headers = answer.headers
        if not any(k == "Date" for k, _ in headers):
            headers = [("Date", formatdate(self.server.clock.now(),
                                           usegmt=True)), *headers]
        if answer.status != 304:
            length = len(answer.body) if answer.length is None \
                else answer.length
            headers = [*headers, ("Content-Length", str(length))]
        lines += [f"{k}: {v}" for k, v in headers]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"

    async def drip(self, data):
        """A byte a second, until nobody is there any more."""
        for i in range(len(data)):
            await self.write(data[i:i + 1])
            try:
                await asyncio.wait_for(self.receive(), 1)
                return
            except asyncio.TimeoutError:
                pass

    async def flood(self, number):
        """64 MiB more, if it is let."""
        block = b" " * 65536
        for _ in range(1024):
            await self.write(block)
        self.server.note(swallowed=number)


class Server:
    def __init__(self, log, speed):
        self.clock = Clock(speed)
        self.log = log
        self.number = 0
        self.ended = set()
        self.keys = {}
        self.tasks = set()
        self.port = 0

    def note(self, **what):
        self.log.write(json.dumps(what) + "\n")

    def note_end(self, number):
        if number not in self.ended:
            self.ended.add(number)
            self.note(end=number, real=time.time())

    def choose(self, ask):
        ask.t = self.clock.at(ask.real)
        answer = manners_scenarios.answer(self, ask)
        self.number += 1
        self.note(ask=self.number, t=ask.t, real=ask.real, host=ask.host,
                  method=ask.method, path=ask.path, query=ask.query,
                  headers=ask.headers, status=answer.status, **answer.marks)
        return self.number, answer

    def listen(self, host):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind((f"127.0.0.{host}", self.port))
        sock.listen(1024)
        sock.setblocking(False)
        self.port = sock.getsockname()[1]
        return sock

    async def accept(self, listener, host):
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(listener)
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = loop.create_task(Connection(self, sock, host).serve())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def listen_on_all(self, hosts):
        """The port may be somebody's on one of them: then another."""
        for left in range(20, 0, -1):
            listeners = []
            try:
                for host in hosts:
                    listeners.append(self.listen(host))
                return listeners
            except OSError:
                if left == 1:
                    raise
                for listener in listeners:
                    listener.close()
                self.port = 0

    async def run(self):
        hosts = range(1, manners_scenarios.HOSTS + 1)
        listeners = self.listen_on_all(hosts)
        for host, listener in zip(hosts, listeners):
            self.tasks.add(asyncio.create_task(self.accept(listener, host)))
        manners_scenarios.make_bomb()
        print(self.port, flush=True)
        await asyncio.get_running_loop().run_in_executor(
            None, sys.stdin.read)


def main():
    with open(sys.argv[1], "a", buffering=1, encoding="utf-8") as log:
        server = Server(log, float(sys.argv[2]))
        asyncio.run(server.run())


if __name__ == "__main__":
    main()
