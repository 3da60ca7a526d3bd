# SPDX-License-Identifier: ISC
"""kill -9, over and over on one store. HEADLINED_KILLS says how often,
HEADLINED_SEED repeats a run."""
import contextlib

import pytest

from feed_server import Answer
from harness import rss, rss_item, tool, wait_until
from lives import Lives, how_many
import oracle
from test_16_faults import held
from test_21_identity import rows
from test_25_moves import Tagged, config


@pytest.mark.short
def test_kills(daemon, world, seed):
    """killed again and again at random points: nothing is lost, invented or
    repeated under another id, and no feed is asked before its time"""
    one = daemon(world.config(), start=False)
    one.env = world.env()
    lives = Lives(one, world, seed)
    for number in range(how_many("HEADLINED_KILLS", 200, 20)):
        lives.live(number)
    lives.end()
    assert oracle.find_wrong_alerts(world) == []
    assert oracle.find_forgotten(world) == []
    assert oracle.find_early(world) == []
    assert len(world.delivered) > 10, "the run has shown something"


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
