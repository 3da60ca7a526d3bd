# SPDX-License-Identifier: ISC
"""The power fails, over and over, under one store. HEADLINED_POWER_CUTS says
how often, HEADLINED_SEED repeats a run."""
import random
import signal

import pytest

from harness import REPORT, preload
from lives import Lives, how_many
import oracle
from power_cut import cut_power

NO_SYNC_LIVES = 400


class PowerCuts(Lives):
    """Some lives end with the power, the others by kill -9 alone; a few are
    being stopped just then."""

    def __init__(self, daemon, world, seed):
        super().__init__(daemon, world, seed, after=self.cut)
        self.disk = random.Random(seed + 2)
        self.share = 0.7        # of the lives that end with the power
        self.stopping = False
        self.unsynced = 0
        self.cuts = 0

    def wait_for_the_moment(self):
        super().wait_for_the_moment()
        self.stopping = self.rng.random() < 0.1
        if self.stopping:
            self.daemon.terminate()
            self.world.wait_events(1 << 30, self.rng.uniform(0, 0.1))

    def has_stopped(self):
        """By SIGTERM, well or before it could handle that."""
        return self.stopping and self.daemon.process.poll() in (
            0, -signal.SIGTERM)

    def kill(self):
        if self.has_stopped():
            self.world.end_life()
            assert not REPORT.search(self.daemon.log()), self.daemon.log()
        else:
            super().kill()

    def cut(self, number):
        if self.disk.random() < self.share:
            self.cuts += 1
            self.unsynced += cut_power(self.daemon.store, self.disk)


def run(daemon, world, seed, env=None):
    one = daemon(world.config(), start=False)
    one.env = {**world.env(), **preload("power_vfs.so"), **(env or {})}
    return PowerCuts(one, world, seed)


@pytest.mark.short
def test_power(daemon, world, seed):
    """after power cuts at random points the store opens, and nothing that
    was acknowledged is lost"""
    lives = run(daemon, world, seed)
    cuts = how_many("HEADLINED_POWER_CUTS", 200, 20)
    while lives.cuts < cuts:
        lives.live(lives.cuts)
    lives.end()
    assert oracle.find_wrong_alerts(world) == []
    assert oracle.find_forgotten(world) == []
    assert lives.unsynced > 0, "the cuts have cut"


def fails(lives, world):
    """Does one more life show a loss or a store that does not open?"""
    try:
        lives.live(0)
    except AssertionError as end:
        assert "ended by itself" in str(end), end
        return True
    return bool(oracle.find_forgotten(world))


@pytest.mark.short
def test_proof(daemon, world, seed):
    """the same with a disk that is never synced fails: the cuts do cut"""
    lives = run(daemon, world, seed, {"POWER_IGNORES_SYNC": "1"})
    lives.share = 0.05      # time to commit something, and to prove it
    assert any(fails(lives, world) for _ in range(NO_SYNC_LIVES)), \
        "nothing was lost without a single sync"
