#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Lets each fuzz target hunt from its corpus for HEADLINED_FUZZ_S seconds, as
# many at once as there are cores. HEADLINED_FUZZ_SEED makes hunts alike (0, the
# default, does not). Prints TAP: a finding is a failure, its
# input stays under tests/fuzz/found/ in the build tree. Inputs that reach new
# code go to tests/fuzz/grown/ there; the source tree is only read. Where a
# dictionary NAME.dict stands beside the target it is used.
set -u
corpus=${srcdir:-.}/tests/fuzz/corpus
seconds=${HEADLINED_FUZZ_S:-30}

# hunt NAME: its exit status stands in found/NAME.status.
hunt() {
	found=tests/fuzz/found/$1 grown=tests/fuzz/grown/$1
	mkdir -p "$found" "$grown"
	dict=${srcdir:-.}/tests/fuzz/$1.dict
	[ -f "$dict" ] || dict=
	"./tests/fuzz/fuzz_$1" ${dict:+"-dict=$dict"} \
	    -max_total_time="$seconds" -timeout=20 \
	    -seed="${HEADLINED_FUZZ_SEED:-0}" \
	    -rss_limit_mb=1024 -print_final_stats=1 \
	    -artifact_prefix="$found/" "$grown" "$corpus/$1" \
	    >"$found.log" 2>&1
	echo $? >"$found.status"
}

# stat_of NAME STAT: a number of libFuzzer's final ones.
stat_of() {
	sed -n "s/^stat::$2: *//p" "tests/fuzz/found/$1.log"
}

if [ "${1:-}" = --one ]; then
	hunt "$2"
	exit 0
fi

names=
count=0
for target in tests/fuzz/fuzz_*; do
	[ -f "$target" ] && [ -x "$target" ] || continue
	names="$names ${target#tests/fuzz/fuzz_}"
	count=$((count + 1))
done
echo "1..$count"
rm -f tests/fuzz/found/*.status
# shellcheck disable=SC2086 # the names are words
printf '%s\n' $names | xargs -P "$(nproc 2>/dev/null || echo 1)" -n 1 \
    sh "$0" --one

n=0
failed=0
for name in $names; do
	n=$((n + 1))
	status=$(cat "tests/fuzz/found/$name.status" 2>/dev/null)
	runs=$(stat_of "$name" number_of_executed_units)
	if [ "$status" = 0 ] && [ "${runs:-0}" -gt 0 ]; then
		echo "ok $n - fuzz_$name: $runs runs," \
		    "$(stat_of "$name" peak_rss_mb) MB"
		continue
	fi
	failed=1
	tail -n 60 "tests/fuzz/found/$name.log" | sed 's/^/# /'
	ls "$PWD/tests/fuzz/found/$name/"* 2>/dev/null |
	    sed 's/^/# kept: /'
	echo "not ok $n - fuzz_$name: see $PWD/tests/fuzz/found/$name.log"
done
exit $failed
