# SPDX-License-Identifier: ISC
"""What webhooks get, read by the libraries that receivers use: npm's
standardwebhooks, svix and cloudevents (tests/verifiers)."""
import base64
import json
import os
import shutil
import subprocess

import pytest

from feed_server import Answer
from harness import rss, rss_item, wait_until

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                    "verifiers")
MODULES = os.environ.get("HEADLINED_VERIFIERS", "")
KEYS = ["whsec_" + base64.b64encode(bytes([n]) * 32).decode()
        for n in (1, 2, 3)]

pytestmark = pytest.mark.skipif(
    not MODULES or shutil.which("node") is None,
    reason="no node, or no verifiers (./quickstart test installs them)")


def read(message, secrets, body=None):
    said = json.dumps({
        "headers": dict(message.headers), "secrets": secrets,
        "body": base64.b64encode(body or message.body).decode()})
    done = subprocess.run(
        ["node", os.path.join(HERE, "verify.mjs"), MODULES], input=said,
        capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def one_message(daemon, feeds, receiver, tmp_path, lines):
    key = tmp_path / "desk.key"
    key.write_text("\n".join(lines) + "\n")
    key.chmod(0o600)
    url = feeds.set("/rss", Answer(rss(rss_item(
        "a", "Peace \u2014 \u041c\u0438\u0440, \u548c\u5e73 \u201cnow\u201d",
        "Gr\u00fc\u00dfe <b>&amp;</b> \U0001f54a"))))
    daemon({"feeds": [{"url": url, "every": "1d"}],
            "topics": {"peace": {"match": "peace", "notify": ["desk"]}},
            "poll": {"first": "all"},
            "sinks": {"desk": {"webhook": receiver.url("/in"),
                               "secret_file": str(key)}}})
    wait_until(receiver.messages, "the message")
    return receiver.messages()[0]


def test_signed(daemon, feeds, receiver, tmp_path):
    """both libraries take the signature by the key, and by no other key or
    for another body"""
    message = one_message(daemon, feeds, receiver, tmp_path, KEYS[:1])
    got = read(message, KEYS)
    for library in ("standardwebhooks", "svix"):
        assert got[library][0] is True
        assert got[library][1] is not True and got[library][2] is not True
    other = read(message, KEYS, message.body.replace(b"peace", b"piece"))
    assert True not in other["standardwebhooks"] + other["svix"]


def test_rotated(daemon, feeds, receiver, tmp_path):
    """while a key is rotated whoever has the old or the new one verifies"""
    message = one_message(daemon, feeds, receiver, tmp_path, KEYS[:2])
    got = read(message, KEYS)
    for library in ("standardwebhooks", "svix"):
        assert got[library][:2] == [True, True]
        assert got[library][2] is not True


def test_event(daemon, feeds, receiver, tmp_path):
    """the CloudEvents library finds in the message what stands in it"""
    message = one_message(daemon, feeds, receiver, tmp_path, KEYS[:1])
    event = read(message, [])["event"]
    raw = json.loads(message.body)
    assert "error" not in event, event
    # The library makes an id where there is none.
    assert raw["id"] == message.headers["webhook-id"]
    for name in ("id", "source", "type", "specversion", "subject",
                 "datacontenttype", "data"):
        assert event[name] == raw[name], name
    assert event["data"]["item"]["title"] == \
        "Peace \u2014 \u041c\u0438\u0440, \u548c\u5e73 \u201cnow\u201d"
