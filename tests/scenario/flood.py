# SPDX-License-Identifier: ISC
"""Feeds that never stop having something new."""
import time

from feed_server import Answer, FeedServer
from harness import rss, rss_item


class Flood(FeedServer):
    """Feeds that list so many new items a second, each until the daemon
    proves to have committed it; one in fifty is about peace."""

    def __init__(self, n_feeds, per_second):
        super().__init__()
        self.rate = per_second / n_feeds
        self.began = time.monotonic()
        self.ended = None
        self.feeds = [{"known": 0, "versions": {0: 0}, "made": 0,
                       "path": f"/{n}"} for n in range(n_feeds)]
        self.urls = [self.set(f["path"], self.answer_of(f))
                     for f in self.feeds]

    def end(self):
        self.ended = time.monotonic()

    def answer_of(self, feed):
        def answer(request):
            tag = int(request.headers.get("if-none-match", '"0"').strip('"'))
            feed["known"] = max(feed["known"], tag)
            until = self.ended or time.monotonic()
            feed["made"] = max(feed["made"],
                               int((until - self.began) * self.rate))
            if tag and tag == feed["made"]:
                return Answer(status=304, headers={"ETag": f'"{tag}"'})
            return Answer(rss(*[self.item(feed, n) for n in
                                range(feed["known"], feed["made"])]),
                          headers={"ETag": f'"{feed["made"]}"'})
        return answer

    def item(self, feed, n):
        word = "Peace" if n % 50 == 0 else "War"
        return rss_item(f"{feed['path'][1:]}-{n}",
                        f"{word} {feed['path']} {n}")

    def expected(self):
        return sorted(f"Peace {f['path']} {n}" for f in self.feeds
                      for n in range(0, f["made"], 50))

    def is_acknowledged(self):
        return all(f["known"] == f["made"] for f in self.feeds)

    def made(self):
        return sum(f["made"] for f in self.feeds)
