# SPDX-License-Identifier: ISC
"""A host that hangs, drips, resets, redirects for ever, floods or never
accepts delays nobody else.

How late a poll is cannot be told from outside to the millisecond, and a busy
machine makes all of them late. So two daemons run side by side: both poll the
same sort of feeds, one of them bad hosts as well, and the feeds of the one
must be asked as punctually as those of the other. What a bad host does to the
loop it does in each round; what the machine does falls on both, and sometimes
on one of them: so one quiet round proves the case, and only a fault spoils
them all. (The sharp figure is the bench's.)"""
import json
import os
import subprocess
import sys
import threading
import time

import pytest

import manners_score
from harness import Daemon, headlinectl, wait_until
from test_28_manners import HERE, Run

SPEED = 1000
EVERY_S = 200
# From an answer to the next request: the interval, its jitter, and the
# rounding to whole seconds of the daemon's own.
USUAL_S = (1.1 * EVERY_S + 2) / SPEED
ALLOWED_S = 0.05
ROUND_S = 4
ROUNDS = 5
A_KIND = 2              # feeds of each kind that a round brings
SIDES = ("beside", "alone")


class BadHosts:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "bad_hosts.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ports = json.loads(self.process.stdout.readline())
        self.asked = dict.fromkeys(self.ports, 0)
        self.reader = threading.Thread(target=self.count, daemon=True)
        self.reader.start()

    def count(self):
        for line in self.process.stdout:
            self.asked[line.decode().strip()] += 1

    def feeds(self, number):
        """Of one round, and of those before it: each is asked once in a
        round or two, so that what they send is no load by itself."""
        return [{"url": f"http://127.0.0.1:{port}/{kind}/{n}/{i}",
                 "every": "1h"}
                for n in range(number + 1)
                for kind, port in self.ports.items() for i in range(A_KIND)]

    def close(self):
        self.process.kill()
        self.process.wait()


class Pair(Run):
    """Two daemons and their one server of good feeds."""

    def __init__(self, folder):
        super().__init__(folder, speed=SPEED, names=("steady",))
        self.daemons = {}

    def config(self, side, bad):
        whole = super().config([{"url": url, "every": f"{EVERY_S}s"}
                                for url in self.urls() if side in url] + bad)
        whole["poll"] = {"min": "1s", "timeout": "3s", "first": "none",
                         "max_body": "4MiB",
                         "user_agent_url": "https://example.org/bot"}
        return whole

    def start(self):
        for side in SIDES:
            folder = os.path.join(self.folder, side)
            os.mkdir(folder)
            one = Daemon(folder, self.config(side, []))
            one.env = self.env
            self.daemons[side] = one
            one.start()

    def bring(self, bad):
        """Both reload, one of them to meet the bad hosts too."""
        for side in SIDES:
            one = self.daemons[side]
            one.configure(self.config(side, bad if side == "beside" else []))
            done = headlinectl("reload", "-c", one.config)
            assert done.returncode == 0, done.stderr

    def lateness(self, side, since, until):
        """How late the polls of these seconds were, in seconds, the worst
        last."""
        last, late = {}, []
        for r in manners_score.read_log(self.log):
            before = last.get(r.path)
            last[r.path] = r
            if f"/{side}-" in r.path and before and before.end and \
                    since <= r.real < until:
                late.append(max(0, r.real - before.end - USUAL_S))
        return sorted(late)

    def close(self):
        for one in self.daemons.values():
            if one.is_running():
                one.kill()
        super().close()


@pytest.fixture
def bad():
    one = BadHosts()
    yield one
    one.close()


@pytest.fixture
def pair(tmp_path):
    one = Pair(tmp_path)
    one.start_server()
    try:
        yield one
    finally:
        one.close()


def nearly_worst(late):
    """Of a hundred polls the second worst: one stands for itself."""
    return late[len(late) * 98 // 100]


def pass_round(pair):
    since = time.time()
    wait_until(lambda: time.time() >= since + ROUND_S, "a round")
    late = {side: pair.lateness(side, since, since + ROUND_S)
            for side in SIDES}
    assert all(len(some) > 50 for some in late.values()), \
        {side: len(some) for side, some in late.items()}
    return {side: nearly_worst(some) for side, some in late.items()}


def test_delay_nobody(pair, bad):
    """hosts that hang, drip, reset, flood, redirect for ever or never accept
    make no other feed's poll late, and each is told as what it is"""
    pair.start()
    wait_until(lambda: pair.daemons["alone"].status()["polls"] > 24,
               "some polls")
    seen = []
    for number in range(ROUNDS):
        before = dict(bad.asked)
        pair.bring(bad.feeds(number))
        seen.append(pass_round(pair))
        for kind in set(bad.ports) - {"never-accept"}:
            assert bad.asked[kind] > before[kind], f"{kind} was not asked"
        if seen[-1]["beside"] <= seen[-1]["alone"] + ALLOWED_S:
            break
    else:
        pytest.fail(f"later beside bad hosts, in each round: {seen}")
    one = pair.daemons["beside"]
    for kind, port in bad.ports.items():
        url = f"http://127.0.0.1:{port}/{kind}/0/0"
        trouble = wait_until(lambda: one.trouble(url), f"a word of {kind}")
        assert trouble["message"], kind
    for one in pair.daemons.values():
        one.stop()
