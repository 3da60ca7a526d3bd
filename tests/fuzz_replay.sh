#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Replays each fuzz target's corpus through the target itself, also where no
# libFuzzer is: what a fuzzer once found stays found. Prints TAP; a corpus
# without its target is a failure, and so is a target without a corpus.
set -u
corpus=${srcdir:-.}/tests/fuzz/corpus
n=0
failed=0

# report STATUS SAYS
report() {
	n=$((n + 1))
	[ "$1" -eq 0 ] || failed=1
	[ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

for folder in "$corpus"/*; do
	target=tests/fuzz/fuzz_${folder##*/}
	if [ -x "$target" ]; then
		said=$("./$target" "$folder" 2>&1)
		status=$?
		echo "$said" | sed 's/^/# /'
		report $status "$target replays its corpus"
	else
		report 1 "$folder has a target, $target"
	fi
done
for target in tests/fuzz/fuzz_*; do
	[ -f "$target" ] && [ -x "$target" ] || continue
	test -d "$corpus/${target#tests/fuzz/fuzz_}" ||
		report 1 "$target has a corpus"
done
echo "1..$n"
exit $failed
