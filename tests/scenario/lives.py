# SPDX-License-Identifier: ISC
"""A run of many short lives of one daemon on one store, in a world with an
oracle: each ends by SIGKILL at a random point, the last one in peace."""
import os
import random

from harness import REPORT, wait_until
import oracle

SHORT = os.environ.get("HEADLINED_SCENARIOS") == "short"


def how_many(name, default, short):
    """How often: the environment's word, else by the kind of run."""
    return int(os.environ.get(name, short if SHORT else default))


def choose_seed():
    """HEADLINED_SEED repeats a run, as far as threads let it."""
    return int(os.environ.get("HEADLINED_SEED",
                              random.SystemRandom().randrange(1 << 32)))


class Lives:
    """after(life): what is done to the files between two lives."""

    def __init__(self, daemon, world, seed, after=None):
        self.daemon = daemon
        self.world = world
        self.rng = random.Random(seed + 1)
        self.after = after

    def start(self):
        self.world.begin_life()
        self.daemon.start(wait=False)

    def wait_for_the_moment(self):
        """Some polls and deliveries from now, and a little later; sometimes
        while it still starts."""
        rng = self.rng
        if rng.random() < 0.1:
            self.world.wait_events(1 << 30, rng.uniform(0, 0.1))
            return
        self.world.wait_events(rng.randrange(1, 12), 0.5)
        self.world.wait_events(1 << 30, rng.choice((0.002, 0.02, 0.05)) *
                               rng.random())

    def kill(self):
        process = self.daemon.process
        assert process.poll() is None, \
            f"ended by itself with {process.returncode}: {self.daemon.log()}"
        self.world.end_life()
        self.daemon.kill()
        self.check_log()

    def check_log(self):
        assert not REPORT.search(self.daemon.log()), self.daemon.log()

    def live(self, number):
        self.start()
        self.wait_for_the_moment()
        self.kill()
        if self.after:
            self.after(number)

    def is_settled(self):
        """All is delivered, and every document was acknowledged."""
        assert self.daemon.is_running(), self.daemon.log()
        with self.world.lock:
            acked = all(not f.has_validators or
                        (f.polls and f.polls[-1].version == f.version)
                        for f in self.world.feeds.values())
        return acked and not oracle.lost(self.world)

    def settle(self):
        """Everything arrives while this life lasts."""
        self.world.calm_down()
        try:
            wait_until(self.is_settled, "everything to arrive")
        except AssertionError as late:
            gone = sorted(oracle.lost(self.world))
            raise AssertionError(
                f"{late}; not delivered: {gone[:10]} ({len(gone)} in all); "
                f"its sinks: {self.daemon.get('/sinks')[1]}; its outbox: "
                f"{self.daemon.get('/outbox?state=waiting')[1]}") from None
        wait_until(lambda: all(s["waiting"] == 0
                               for s in self.daemon.status()["sinks"]),
                   "the last marks")

    def settle_and_repeat_nothing(self):
        """Nor does anything come again in one more life."""
        self.settle()
        self.daemon.stop()
        before = self.world.count_tries()
        polls = {f: len(f.polls) for f in self.world.feeds.values()}
        self.start()
        wait_until(lambda: all(len(f.polls) > n for f, n in polls.items()),
                   "one more poll of each feed")
        self.daemon.stop()
        assert self.world.count_tries() == before, "told again after all"

    def end(self):
        self.start()
        self.settle_and_repeat_nothing()
