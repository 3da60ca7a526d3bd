#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Replays each fuzz target's corpus through the target itself, also where no
# libFuzzer is: what a fuzzer once found stays found. Prints the targets' TAP.
set -u
exec ./tests/fuzz/replay_feed_parser "${srcdir:-.}/tests/fuzz/corpus/feed_parser"
