# SPDX-License-Identifier: ISC
"""kill -9, over and over on one store. HEADLINED_KILLS says how often,
HEADLINED_SEED repeats a run."""
import contextlib

import pytest

from feed_server import Answer
from harness import rss, rss_item, tool, wait_until
from lives import how_many
import oracle
from strikes import Strikes
from test_16_faults import held
from test_21_identity import rows
from test_25_moves import Tagged, config
from world import World


# Each alert goes three ways. The daemon's second is a hundredth of ours.
SINKS = {"desk": {}, "wide": {"parallel": 4}, "bundle": {"digest": "20s"}}


@pytest.fixture
def busy_world(seed):
    one = World(seed, sinks=SINKS)
    yield one
    one.close()


@pytest.mark.short
def test_kills(daemon, busy_world, seed):
    """killed again and again, every second time while a delivery is under way:
    nothing is lost or invented, repeated under another id, or repeated once
    it was marked, and no feed is asked before its time"""
    world = busy_world
    one = daemon(world.config(), start=False)
    one.env = world.env()
    lives = Strikes(one, world, seed)
    kills = how_many("HEADLINED_KILLS", 200, 20)
    while lives.n < kills or 2 * lives.n_struck() < kills:
        lives.live(lives.n)
    lives.end()
    print(f"{lives.n} kills, while a delivery was under way: {lives.struck}, "
          f"{lives.at_once} at once; {world.count_tries()} requests, "
          f"{len(lives.outbox.marks)} alerts sent, "
          f"{len(lives.outbox.taken)} in digests; {world.count_refusals()} "
          "refusals that were in the store before the next life")
    assert lives.wrong == []
    assert lives.outbox.gone == []
    assert lives.outbox.open == {}, "all is marked in the end"
    assert oracle.find_wrong_alerts(world) == []
    assert oracle.find_repeated_marks(world, lives.outbox) == []
    assert oracle.find_forgotten(world) == []
    assert oracle.find_early(world) == []
    for sink, book in world.books.items():
        assert len(book.delivered) > 10, f"{sink} has shown something"
    assert lives.outbox.taken, "digests, too"
    if kills >= 200:
        assert world.count_refusals() > 0, "who told off is heard after a kill"


@pytest.mark.short
def test_gone(daemon, feeds, receiver):
    """a feed that is told 410 is not asked again, though the daemon is killed
    at that moment and its store knows nothing of it, for life after life"""
    tool("hang_thread")     # or skips

    def answer(_):
        asked = len(feeds.requests_of("/gone"))
        if asked == 2:
            stack.enter_context(held(one.process.pid, "ledger"))
        return Answer("", 410) if asked > 1 else Answer(
            rss(rss_item("a", "Peace one")))
    gone = feeds.set("/gone", answer)
    other = Tagged(feeds, "/other")
    one = daemon(config(receiver, {"gone": gone, "other": other.url}),
                 start=False)
    with contextlib.ExitStack() as stack:
        one.start()
        wait_until(lambda: one.events("feed_gone"), "the answer")
        one.process.kill()
    one.kill()
    for _ in range(2):
        one.start()
        asked = other.polls()
        wait_until(lambda: other.polls() > asked + 5, "the other's polls")
        assert len(feeds.requests_of("/gone")) == 2
        assert rows(one)[gone]["state"] != "gone", "the store knows of it"
        one.kill()
