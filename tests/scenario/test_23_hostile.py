# SPDX-License-Identifier: ISC
"""Documents made to harm: nothing that they name is opened, and what swells
while it is decoded ends at its cap."""
import ctypes
import os
import re
import shutil
import subprocess
import zlib

import pytest

from feed_server import Answer
from harness import (HEADLINECTL, PATIENCE_S, RSS_HEAD, SANITIZED, rss_item,
                     wait_until)

MIB = 1 << 20
GIB = 1 << 30

# FILE and URL are the ones that must stay closed. Each document has an item
# called T, beside or within what should lead the parser astray.
RSS = "<rss version='2.0'><channel><item><title>T {}</title></item>" \
      "</channel></rss>"
LEADING_ASTRAY = {
    "entity SYSTEM file":
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file://FILE">]>' +
        RSS.format("&x;"),
    "entity SYSTEM path":
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "FILE">]>' + RSS.format("&x;"),
    "entity SYSTEM http":
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "URL">]>' + RSS.format("&x;"),
    "entity PUBLIC":
        '<!DOCTYPE rss [<!ENTITY x PUBLIC "-//X//Y" "URL">]>' +
        RSS.format("&x;"),
    "entity in an attribute":
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file://FILE">]>' +
        RSS.format("").replace("<item>", "<item a='&x;'>"),
    "parameter entity file":
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "file://FILE">%p;]>' +
        RSS.format(""),
    "parameter entity http":
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "URL">%p;]>' + RSS.format(""),
    "DTD SYSTEM file": '<!DOCTYPE rss SYSTEM "file://FILE">' + RSS.format(""),
    "DTD SYSTEM http": '<!DOCTYPE rss SYSTEM "URL">' + RSS.format("&x;"),
    "DTD PUBLIC http":
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "URL">' +
        RSS.format("&x;"),
    "DTD with both":
        '<!DOCTYPE rss SYSTEM "file://FILE" [<!ENTITY x SYSTEM "URL">]>' +
        RSS.format("&x;"),
    "unparsed entity":
        '<!DOCTYPE rss [<!NOTATION n SYSTEM "FILE"><!ENTITY x SYSTEM '
        '"file://FILE" NDATA n>]>' + RSS.format("&x;"),
    "XInclude":
        RSS.format("").replace("<item>", "<xi:include xmlns:xi="
                               "'http://www.w3.org/2001/XInclude' "
                               "href='file://FILE' parse='text'/><item>"
                               "<xi:include href='URL'/>"),
    "stylesheet":
        "<?xml-stylesheet type='text/xsl' href='file://FILE'?>"
        "<?xml-stylesheet type='text/css' href='URL'?>" + RSS.format(""),
    "schema":
        RSS.format("").replace("<rss", "<rss xmlns:xsi='http://www.w3.org/"
                               "2001/XMLSchema-instance' xsi:"
                               "noNamespaceSchemaLocation='file://FILE' "
                               "xsi:schemaLocation='urn:x URL'"),
    "catalog":
        "<?oasis-xml-catalog catalog='file://FILE'?>" + RSS.format("&x;"),
}
DECLARES = [name for name, text in LEADING_ASTRAY.items() if " [<!" in text]


def traced(path, log):
    """headlinectl parse under strace; skips where ptrace is not allowed."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed (Debian: strace)")
    tracer = ["strace", "-f", "-qq", "-s", "4096", "-e",
              "trace=%file,%network,io_uring_setup", "-o", str(log)]
    probe = subprocess.run([*tracer, "true"], capture_output=True, text=True,
                           timeout=PATIENCE_S, check=False)
    if probe.returncode != 0:
        pytest.skip(f"ptrace is not permitted: {probe.stderr.strip()}")
    # LeakSanitizer is a tracer too, and there can be only one.
    env = {**os.environ, "ASAN_OPTIONS":
           os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
    return subprocess.run([*tracer, HEADLINECTL, "parse", str(path)],
                          capture_output=True, text=True, env=env,
                          timeout=PATIENCE_S, check=False)


@pytest.mark.parametrize("name", LEADING_ASTRAY)
def test_nothing_is_opened(feeds, tmp_path, name):
    """no file and no address that a document names is opened"""
    secret = tmp_path / "closed.txt"
    secret.write_text("<!ENTITY x 'SECRET'>SECRET")
    url = feeds.set("/closed", Answer("<!ENTITY x 'SECRET'>SECRET"))
    document = tmp_path / "feed.xml"
    document.write_text(LEADING_ASTRAY[name].replace("FILE", str(secret))
                        .replace("URL", url))
    log = tmp_path / "calls"
    done = traced(document, log)
    assert done.returncode == 0, done.stderr
    assert '"title": "T' in done.stdout
    assert "SECRET" not in done.stdout
    assert ("doctype_declarations" in done.stdout) == (name in DECLARES)
    calls = log.read_text()
    assert str(document) in calls, "the tracer sees what is opened"
    assert str(secret) not in calls
    # A look-up of a name or an address would begin with a socket.
    assert not re.search(r"\b(socket|connect|sendto|io_uring_setup)\(", calls)
    assert not feeds.requests_of("/closed")


# Bombs. Each begins with an item; what follows is a GiB when decoded.

def gzip_bomb(head, filling):
    """A block that ends in a full flush refers to nothing before it: once
    compressed it may stand there any number of times. The sum at the end is
    wrong, if somebody comes that far."""
    def pack(data):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)

    block = filling * (MIB // len(filling))
    body = pack(head) + pack(block) * (GIB // len(block))
    return (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + body +
            b"\x03\x00" + bytes(8))


def zstd_bomb(head, filling):
    """RFC 8878, 3.1.1: a raw block, then blocks of 128 KiB that say one byte
    and how often it stands there."""
    size = 128 << 10

    def block(kind, length, data):
        return (length << 3 | kind << 1).to_bytes(3, "little") + data

    return (b"\x28\xb5\x2f\xfd\x00\x58" + block(0, len(head), head) +
            block(1, size, filling[:1]) * (GIB // size) +
            (1).to_bytes(3, "little"))


PROCESS, FLUSH, FINISH = range(3)       # BrotliEncoderOperation
QUALITY = 1                             # BrotliEncoderParameter


class Brotli:
    """The encoder that comes with the decoder that libcurl has; no module of
    Python's own knows it."""

    def __init__(self):
        try:
            self.encoder = ctypes.CDLL("libbrotlienc.so.1")
        except OSError:
            pytest.skip("no libbrotlienc (Debian: libbrotli1)")
        create = self.encoder.BrotliEncoderCreateInstance
        create.restype = ctypes.c_void_p
        self.state = ctypes.c_void_p(create(None, None, None))
        self.encoder.BrotliEncoderSetParameter(self.state, QUALITY, 0)

    def pack(self, data, operation):
        room = ctypes.create_string_buffer(2 * len(data) + 1024)
        there = ctypes.c_char_p(data)
        to = ctypes.c_void_p(ctypes.addressof(room))
        n, free = ctypes.c_size_t(len(data)), ctypes.c_size_t(len(room))
        assert self.encoder.BrotliEncoderCompressStream(
            self.state, operation, ctypes.byref(n), ctypes.byref(there),
            ctypes.byref(free), ctypes.byref(to), None)
        assert n.value == 0
        return room.raw[:len(room) - free.value]

    def close(self):
        self.encoder.BrotliEncoderDestroyInstance(self.state)


def brotli_bomb(head, filling):
    packer = Brotli()
    block = filling * (MIB // len(filling))
    body = packer.pack(head, FLUSH) + b"".join(
        packer.pack(block, PROCESS) for _ in range(GIB // len(block))) + \
        packer.pack(b"", FINISH)
    packer.close()
    return body


def peak_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s*(\d+)", status.read()).group(1))


ITEMS = rss_item("again", "Peace, again", "x" * 400).encode()


@pytest.mark.parametrize("coding, make, filling", [
    ("gzip", gzip_bomb, b"\0"), ("gzip", gzip_bomb, b" "),
    ("gzip", gzip_bomb, ITEMS), ("zstd", zstd_bomb, b"\0"),
    ("br", brotli_bomb, b"\0")],
    ids=["gzip of NULs", "gzip of spaces", "gzip of items", "zstd of NULs",
         "brotli of NULs"])
def test_bomb(daemon, feeds, receiver, coding, make, filling):
    """a GiB that was packed small ends at poll.max_body, in flat memory"""
    head = (RSS_HEAD + rss_item("early", "Peace, early")).encode()
    bomb = make(head, filling)
    assert len(bomb) < 16 * MIB
    good = feeds.set("/good", RSS_HEAD + rss_item("good", "Peace, good") +
                     "</channel></rss>")
    bad = feeds.url("/bad")
    one = daemon({"feeds": [good, bad],
                  "topics": {"t": {"match": "peace", "notify": "desk"}},
                  "sinks": {"desk": {"webhook": receiver.url("/in")}},
                  "poll": {"max_body": "4MiB"}}, start=False)
    gate = feeds.gate()
    packed = Answer([bomb[:200], gate, bomb[200:]],
                    headers={"Content-Encoding": coding})
    asked = []

    def answer(request):
        asked.append(request.headers.get("accept-encoding", ""))
        return packed if coding in asked[-1] else Answer("no such coding", 406)

    feeds.set("/bad", answer)
    one.start()
    wait_until(lambda: "Peace, good" in receiver.titles(), "the good feed")
    if coding not in wait_until(lambda: asked, "a request")[0]:
        pytest.skip(f"this libcurl has no {coding}")
    before = peak_kib(one.process)
    gate.open()
    trouble = wait_until(lambda: one.trouble(bad), "the bomb, reported")
    assert trouble["word"] == "too_big"
    assert "poll.max_body" in trouble["message"]
    assert str(4 * MIB) in trouble["message"]
    wait_until(lambda: "Peace, early" in receiver.titles(), "the early item")
    if not SANITIZED:
        assert peak_kib(one.process) - before < 16 * 1024
