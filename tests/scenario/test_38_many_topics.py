# SPDX-License-Identifier: ISC
"""A hundred thousand topics come and go while items come in."""
import json
import os
import signal

import pytest

from flood import Flood
from harness import wait_until

TOPICS = 100_000


@pytest.fixture
def flood():
    server = Flood(n_feeds=20, per_second=1000)
    yield server
    server.close()


def config(flood, receiver, *include):
    settings = {"feeds": [{"url": u, "every": "1s"} for u in flood.urls],
                "topics": {"peace": {"match": "peace", "notify": "desk"}},
                "sinks": {"desk": {"webhook": receiver.url("/in")}}}
    return {**settings, "include": list(include)} if include else settings


def many_topics():
    """As a program writes them: words, phrases, near words, exclusions."""
    kinds = ("harbour{0} AND quarry{1}", '"harbour{0} quarry{1}"',
             "harbour{0} NEAR/10 quarry{1}",
             "(harbour{0} OR quarry{1}) NOT title:felt",
             "title:harbour{0} AND quar{1}*")
    return {f"topic-{n}": {
        "match": kinds[n % len(kinds)].format(n % 7919, n),
        "severity": "warning", "notify": "desk"} for n in range(TOPICS)}


def reload(one, path, settings):
    before = len(one.events("reloaded"))
    one.configure(settings)
    one.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(one.events("reloaded")) > before, "the reload",
               seconds=300)
    return one.status()["topics"]


def test_a_reload_of_100k_topics_loses_and_doubles_nothing(
        daemon, flood, receiver, tmp_path):
    """1,000 new items a second all the while: every item about peace is
    alerted once, whichever set of topics looked at it, and no other topic sees
    one twice"""
    path = tmp_path / "many.json"
    many = many_topics()
    some = " OR ".join(str(n) for n in range(101, 100_000, 100))
    many["wars"] = {"match": f"war AND ({some})", "notify": "desk"}
    path.write_text(json.dumps({"topics": many}), encoding="utf-8")
    few = config(flood, receiver)
    full = config(flood, receiver, os.fspath(path))
    one = daemon(few, start=False)
    one.env = {"HEADLINED_TIME_SCALE": "6"}     # polls come oftener
    one.start()
    wait_until(receiver.messages, "the first alerts")
    for _ in range(2):
        made = flood.made()
        wars = receiver.topics().count("wars")
        assert reload(one, path, full) == TOPICS + 2
        assert flood.made() > made
        wait_until(lambda seen=wars: receiver.topics().count("wars") > seen,
                   "an alert of one of them", seconds=300)
        assert reload(one, path, few) == 1
        wait_until(lambda asked=len(flood.requests): len(flood.requests) >
                   asked + 40, "polls without them", seconds=300)
    flood.end()
    wait_until(flood.is_acknowledged, "the last items")

    wait_until(lambda: receiver.topics().count("peace") >=
               len(flood.expected()), "the last alerts")
    wait_until(lambda: one.sink("desk")["waiting"] == 0, "their marks")
    titles = {topic: sorted(t for t, of in zip(receiver.titles(),
                                               receiver.topics())
                            if of == topic)
              for topic in set(receiver.topics())}
    assert titles.keys() == {"peace", "wars"}
    assert titles["peace"] == flood.expected()
    assert len(titles["wars"]) == len(set(titles["wars"]))
