#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The manual pages are clean mdoc, and say what the programs say: each option
# of a program's own help stands in its page. Prints TAP.
set -u
root=${srcdir:-$(dirname "$0")/..}
headlined=${HEADLINED:-headlined}
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

echo 1..4
for page in headlined.8 headlinectl.1 headlined.yaml.5; do
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W warning "$root/doc/$page" >"$scratch/why" 2>&1
		report $? "$page is clean mdoc"
	else
		n=$((n + 1))
		echo "ok $n # SKIP mandoc is not installed"
	fi
done

# In mdoc source an option --x stands as "Fl -x".
"$headlined" --help 2>&1 | grep -o -e '--[a-z][a-z-]*' | sort -u |
    while read -r option; do
	grep -q -e "Fl -${option#--}" "$root/doc/headlined.8" ||
		echo "headlined --help names $option, headlined.8 does not"
done >"$scratch/why"
"$headlined" --help >/dev/null 2>&1 || echo 'headlined --help failed' \
    >>"$scratch/why"
test ! -s "$scratch/why"
report $? 'headlined.8 has every option of --help'
exit $failed
