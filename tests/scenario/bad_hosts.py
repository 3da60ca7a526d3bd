#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Hosts that treat a client badly, each on a port of its own, in a process of
its own: what they pour out must not slow the test down. Prints {kind: port}
and a line with its kind for each connection; ends with its input."""
import asyncio
import json
import os
import socket
import struct
import sys

FLOOD = 400000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
RESET = struct.pack("ii", 1, 0)         # SO_LINGER: close with a RST


async def hang(reader, writer):
    await reader.read()


async def drip(reader, writer):
    for byte in HEAD * 100:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


async def slow_body(reader, writer):
    writer.write(HEAD + b"\r\n")
    while True:
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.2)


async def reset(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, RESET)


async def reset_in_body(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n<rss>")
    await writer.drain()
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, RESET)


async def redirect(reader, writer):
    """Always one further."""
    n = 0
    while await reader.readuntil(b"\r\n\r\n"):
        n += 1
        writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
                     b"Location: /further/%d\r\n\r\n" % n)
        await writer.drain()


async def many_headers(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD)
    for i in range(0, FLOOD, 1000):
        writer.write(b"".join(b"X-%d: y\r\n" % n for n in range(i, i + 1000)))
        await writer.drain()


async def big_body(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD + b"Content-Length: 1073741824\r\n\r\n"
                 b"<rss version='2.0'><channel>")
    block = b"<x>much of nothing</x>\n" * 2000
    while True:
        writer.write(block)
        await writer.drain()


async def close_at_once(reader, writer):
    pass


KINDS = {"hang": hang, "drip": drip, "slow-body": slow_body, "reset": reset,
         "reset-in-body": reset_in_body, "redirect": redirect,
         "many-headers": many_headers, "big-body": big_body,
         "close-at-once": close_at_once}


def serve(kind):
    async def on_connection(reader, writer):
        os.write(1, f"{kind}\n".encode())
        try:
            await KINDS[kind](reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass                # it had enough
        finally:
            writer.close()
    return on_connection


def never_accept():
    """A backlog that is full: further connections are not answered at all,
    as by an address behind which nothing is."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    return listener, fillers


async def main():
    ports = {}
    for kind in KINDS:
        server = await asyncio.start_server(serve(kind), "127.0.0.1", 0)
        ports[kind] = server.sockets[0].getsockname()[1]
    full = never_accept()
    ports["never-accept"] = full[0].getsockname()[1]
    os.write(1, json.dumps(ports).encode() + b"\n")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)         # no host waits for its client's end


if __name__ == "__main__":
    asyncio.run(main())
