#!/bin/sh
# SPDX-License-Identifier: ISC
#
# How much the unit lets headlined do, as systemd-analyze counts it (0 is
# nothing, 10 all): the unit that is installed at most 1.2, with the drop-in of
# examples/ at most 0.9. Only files are read, no manager is asked. Prints TAP.
set -u
root=${srcdir:-$(dirname "$0")/..}
unit=systemd/headlined.service		# in the build folder
dropin=$root/examples/headlined-tight.conf

if ! command -v systemd-analyze >/dev/null; then
	echo '1..0 # SKIP systemd-analyze is not installed (Debian: systemd)'
	exit 0
fi
if ! systemd-analyze --help | grep -q -e --offline=; then
	echo '1..0 # SKIP this systemd-analyze is older than 250: no --offline'
	exit 0
fi

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

# is_within TENTHS FOLDER: does FOLDER/headlined.service count so much at most?
is_within() {
	LC_ALL=C systemd-analyze security --offline=true --no-pager \
	    --threshold="$1" "$2/headlined.service" >"$scratch/why" 2>&1
	within=$?
	# A table that ends without its sum has measured nothing.
	grep -q 'Overall exposure level for headlined.service: [0-9]' \
	    "$scratch/why" && [ "$within" -eq 0 ]
}

mkdir -p "$scratch/plain" "$scratch/loose" \
    "$scratch/tight/headlined.service.d"
cp "$unit" "$scratch/plain/headlined.service" || exit 1
cp "$unit" "$scratch/tight/headlined.service" || exit 1
cp "$dropin" "$scratch/tight/headlined.service.d/" || exit 1
grep -v '^NoNewPrivileges=\|^CapabilityBoundingSet=\|^SystemCallFilter=' \
    "$unit" >"$scratch/loose/headlined.service"

echo 1..3
is_within 12 "$scratch/plain"
report $? 'the unit counts at most 1.2'
is_within 9 "$scratch/tight"
report $? 'with examples/headlined-tight.conf it counts at most 0.9'
! is_within 12 "$scratch/loose" &&
	grep -q 'Overall exposure level' "$scratch/why"
report $? 'a unit with three settings less counts more than 1.2'
exit $failed
