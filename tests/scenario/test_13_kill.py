# SPDX-License-Identifier: ISC
"""kill -9, over and over on one store. HEADLINED_KILLS says how often,
HEADLINED_SEED repeats a run."""
import pytest

from lives import Lives, how_many
import oracle


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
