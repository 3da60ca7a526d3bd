# SPDX-License-Identifier: ISC
"""What can be wrong at a start: one clear sentence, and the right status."""
import os
import socket

import pytest

from harness import headlined, rss, rss_item, wait_until


def config(url="https://news.example.com/rss"):
    return {"feeds": [url], "topics": {"t": {"match": "peace",
                                             "notify": "terminal"}}}


def fail(one):
    """The error lines of a daemon that ends at once with status 1."""
    one.start(wait=False)
    assert one.wait() == 1, one.log()
    lines = [x for x in one.log().splitlines() if x.startswith("<3>")]
    assert len(lines) == 1, one.log()
    return lines[0]


@pytest.mark.short
def test_two_on_one_store(daemon, feeds, tmp_path):
    """a second daemon on the same store is refused; the first goes on"""
    url = feeds.set("/rss", rss(rss_item("a", "Peace")))
    first = daemon(config(url))
    other = tmp_path / "other"
    other.mkdir()
    second = daemon({**config(url), "store": {"path": first.store}},
                    start=False, folder=other)
    line = fail(second)
    assert first.store in line
    assert "in use" in line
    wait_until(lambda: "Peace" in first.output(), "the first one's alert")


def test_socket_taken(daemon, tmp_path):
    """a control socket that another daemon answers on is refused, and left
    alone"""
    first = daemon(config())
    other = tmp_path / "other"
    other.mkdir()
    second = daemon({**config(), "control": {"socket": first.socket}},
                    start=False, folder=other)
    assert first.socket in fail(second)
    assert first.status()["instance"] == "desk-1"


def test_stale_socket(daemon):
    """a socket file that nobody answers on is taken over"""
    one = daemon(config(), start=False)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(one.socket)
    one.start()
    assert one.status()["instance"] == "desk-1"


def test_store_under_file(daemon, tmp_path):
    """a store's directory that cannot be made"""
    (tmp_path / "plain").write_text("a file\n")
    path = tmp_path / "plain" / "state" / "headlined.db"
    one = daemon({**config(), "store": {"path": str(path)}}, start=False)
    assert str(tmp_path / "plain") in fail(one)


def test_store_is_no_database(daemon):
    """a store that is something else is refused and left as it is"""
    one = daemon(config(), start=False)
    text = "this is no database, but somebody's letters\n" * 100
    with open(one.store, "w", encoding="utf-8") as file:
        file.write(text)
    assert one.store in fail(one)
    with open(one.store, encoding="utf-8") as file:
        assert file.read() == text


def test_socket_too_long(daemon, tmp_path):
    """a control socket whose path is too long for one is a fault"""
    path = tmp_path / ("s" * 120)
    one = daemon({**config(), "control": {"socket": str(path)}}, start=False)
    done = headlined("-c", one.config, "--check")
    assert done.returncode == 2
    assert "control.socket" in done.stderr
    assert "long" in done.stderr


def test_no_configuration(tmp_path):
    """a configuration that is not there: exit 2 and its name"""
    done = headlined("-c", tmp_path / "none.yaml")
    assert done.returncode == 2
    assert "none.yaml" in done.stderr


def test_degraded(daemon, feeds):
    """a topic in error is left out and named in status; the rest runs"""
    url = feeds.set("/rss", rss(rss_item("a", "Peace")))
    whole = config(url)
    whole["topics"]["broken"] = {"match": "peace talks"}
    one = daemon(whole)
    wait_until(lambda: "Peace" in one.output(), "the good topic's alert")
    status = one.status()
    assert status["degraded"] is True
    assert len(status["faults"]) == 1
    assert "topics.broken" in status["faults"][0]
    assert status["topics"] == 1


def test_strict(tmp_path, daemon):
    """--strict: a fault ends the start with 2"""
    whole = config()
    whole["topics"]["broken"] = {"match": "peace talks"}
    one = daemon(whole, start=False)
    done = headlined("-c", one.config, "--strict")
    assert done.returncode == 2
    assert "topics.broken" in done.stderr
    assert not (tmp_path / "headlined.db").exists()


def test_modes(daemon):
    """what the daemon makes is closed to others"""
    one = daemon(config())
    assert os.stat(one.store).st_mode & 0o077 == 0
    assert os.stat(one.socket).st_mode & 0o007 == 0
