# SPDX-License-Identifier: ISC
"""A store that is as large as it may be, and goes on."""
import base64
import json
import random

import pytest

from feed_server import Answer
from harness import headlinectl, rss, rss_item, wait_until

MAX_MIB = 8
A_DOCUMENT = 20
WORDS = 150             # of an item: 15 KB that hardly shrink


class Wordy:
    """A feed whose every document has new long items, from the one that the
    daemon proves to have committed on; one item in twenty is about peace."""

    def __init__(self, feeds):
        self.known = self.made = 0
        self.ended = False
        self.url = feeds.set("/wordy", self.answer)

    def answer(self, request):
        tag = int(request.headers.get("if-none-match", '"0"').strip('"'))
        self.known = max(self.known, tag)
        if not self.ended and self.known == self.made:
            self.made += A_DOCUMENT
        if tag == self.made:
            return Answer(status=304, headers={"ETag": f'"{tag}"'})
        return Answer(rss(*map(self.item, range(self.known, self.made))),
                      headers={"ETag": f'"{self.made}"'})

    @staticmethod
    def title(n):
        return f"{'War' if n % 20 else 'Peace'} number {n}"

    def item(self, n):
        rng = random.Random(n)
        return rss_item(f"{n}", self.title(n), " ".join(
            base64.b64encode(rng.randbytes(75)).decode()
            for _ in range(WORDS)))

    def expected(self):
        return [self.title(n) for n in range(0, self.made, 20)]


def dropped(one):
    """Texts that were kept and are no more."""
    status = one.status()
    return status["items_seen"] - status["store"]["texts"]


@pytest.mark.short
def test_a_full_store_drops_old_texts_and_nothing_else(
        daemon, feeds, receiver, tmp_path):
    """more than it may hold comes in: no poll fails, each alert comes
    once, the oldest texts go, and who asks for them is told since when there
    are some"""
    wordy = Wordy(feeds)
    one = daemon({
        "feeds": [{"url": wordy.url, "every": "1s"}],
        "topics": {"peace": {"match": "peace", "notify": "desk"}},
        "sinks": {"desk": {"webhook": receiver.url("/in")}},
        "store": {"path": str(tmp_path / "headlined.db"),
                  "max_size": f"{MAX_MIB}MiB"}}, start=False)
    one.env = {"HEADLINED_TIME_SCALE": "10"}    # polls come oftener
    one.start()
    wait_until(lambda: dropped(one) > 500, "the oldest to go")
    wordy.ended = True
    wait_until(lambda: wordy.known == wordy.made, "the last item")
    wait_until(lambda: len(receiver.messages()) >= len(wordy.expected()),
               "the last alert")
    wait_until(lambda: one.sink("desk")["waiting"] == 0, "its mark")
    assert sorted(receiver.titles()) == sorted(wordy.expected())

    status = one.status()
    assert status["polls_failed"] == 0
    assert status["commits_refused"] == 0
    assert status["items_seen"] == wordy.made
    assert status["store"]["max_bytes"] == MAX_MIB << 20
    assert 0 < status["store"]["bytes"] <= MAX_MIB << 20
    # What is kept is the newest, without a gap.
    told = json.loads(headlinectl(
        "backtest", "--socket", one.socket, "--json", "--since", "30d",
        "--query", "number", "--limit", "10000").stdout)
    kept = sorted(int(a["title"].split()[-1]) for a in told["list"])
    assert kept == list(range(wordy.made - len(kept), wordy.made))
    assert 0 < len(kept) == told["end"]["items"] == status["store"]["texts"]
    since = status["store"]["texts_since"]
    assert told["end"]["oldest"] == since
    assert f"{len(kept)} item texts since {since}" in headlinectl(
        "status", "--socket", one.socket).stdout
    done = headlinectl("why", "--socket", one.socket,
                       "https://news.example.com/0")
    assert done.returncode == 1
    assert f"those seen since {since} are" in done.stderr
    # And it stays known: nothing comes again.
    one.stop()
    one.start()
    polls = len(feeds.requests_of("/wordy"))
    wait_until(lambda: len(feeds.requests_of("/wordy")) > polls + 2, "polls")
    assert len(receiver.messages()) == len(wordy.expected())
    assert one.status()["store"]["texts"] == len(kept)
