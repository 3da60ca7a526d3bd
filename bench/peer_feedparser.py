#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""feedparser as a peer; see bench/peer.h for what it is told and answers.
Debian's own python3, for its python3-feedparser. A feed that feedparser calls
ill-formed (bozo) counts as one that it reports an error for."""
import sys
import time

import feedparser


def count_items(text):
    """-1: the library reports an error."""
    feed = feedparser.parse(text)
    return -1 if feed.bozo else len(feed.entries)


def run_round(docs, limit_us):
    start = time.process_time_ns()
    size = items = spent = 0
    while spent == 0 or spent < limit_us:
        for text in docs:
            items += count_items(text)
            size += len(text)
        spent = (time.process_time_ns() - start) // 1000
    return size, spent, items


def main():
    stream = sys.stdin.buffer
    docs = {}
    for i in range(int(stream.readline())):
        docs[i] = stream.read(int(stream.readline()))
    for text in docs.values():
        print(count_items(text))
    sys.stdout.flush()
    for line in stream:
        word, number = line.decode().split()
        if word == "skip":
            docs.pop(int(number), None)
        elif word == "round":
            print(*run_round(list(docs.values()), int(number)), flush=True)


main()
