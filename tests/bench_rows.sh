#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The benchmark is whole: it links with each row that it names, and bench/run
# measures those rows and no others, but for such as are programs of their own.
# Nothing is measured here. Prints TAP.
set -u
root=${srcdir:-$(dirname "$0")/..}
program=${BENCH_PROGRAM:-$(dirname "${HEADLINED:-./headlined}")/bench/bench}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
n=0
failed=0

# report STATUS SAYS: what was printed stands in $scratch/why.
report() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		sed 's/^/# /' "$scratch/why"
	fi
}

echo 1..2
"$program" >/dev/null 2>"$scratch/why"
status=$?
[ "$status" -eq 2 ] && grep -q '^rows: .' "$scratch/why"
report $? 'the benchmark is built, and names its rows'

sed -n 's/^rows: //p' "$scratch/why" | tr ' ' '\n' >"$scratch/built"
sed -n "/^all='/,/'\$/{ s/^all=//; s/'//g; p; }" "$root/bench/run" |
    tr -s ' \n' '\n\n' | grep . >"$scratch/all"
sed -n '/^	case $row in/,/^	esac/s/^	\([a-z-][a-z-]*\))$/\1/p' \
    "$root/bench/run" >"$scratch/scripts"
{
	grep -vxF -f "$scratch/all" "$scratch/built" |
	    sed 's/$/: bench\/run does not know it/'
	cat "$scratch/built" "$scratch/scripts" >"$scratch/known"
	grep -vxF -f "$scratch/known" "$scratch/all" |
	    sed 's/$/: nobody measures it/'
	[ -s "$scratch/built" ] || echo 'no rows are built'
	[ -s "$scratch/all" ] || echo 'bench/run lists no rows'
} >"$scratch/why"
[ ! -s "$scratch/why" ]
report $? 'bench/run measures each of them'
exit $failed
