#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The manual pages are clean mdoc, and say what the programs say: each option
# of a program's own help stands in its page, the tables of the code stand in
# the pages (manual_tables.py), and the examples of a page do what it says of
# them (manual_examples.py). Prints TAP.
set -u
root=${srcdir:-$(dirname "$0")/..}
headlined=${HEADLINED:-headlined}
headlinectl=${HEADLINECTL:-headlinectl}
python=${PYTHON3:-python3}
pages="headlined.8 headlinectl.1 headlined.yaml.5 headlined-query.7
    headlined-entities.5"
tables='keys verbs query limits words events see'
examples='headlined-query.7 headlined-entities.5'
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

# skip WHY
skip() {
	n=$((n + 1))
	echo "ok $n # SKIP $1"
}

# try SAYS SCRIPT ARGUMENT...
try() {
	says=$1
	shift
	if command -v "$python" >/dev/null; then
		"$python" "$@" >"$scratch/why" 2>&1
		report $? "$says"
	else
		skip 'python3 is not installed'
	fi
}

# shellcheck disable=SC2086	# lists of words
set -- $pages $tables $examples
echo "1..$(($# + 1))"
for page in $pages; do
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W warning "$root/doc/$page" >"$scratch/why" 2>&1
		report $? "$page is clean mdoc"
	else
		skip 'mandoc is not installed'
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

for table in $tables; do
	try "the pages have what the code has: $table" \
	    "$root/tests/manual_tables.py" "$table" "$root"
done
for page in $examples; do
	try "the examples of $page do what it says" \
	    "$root/tests/manual_examples.py" "$headlinectl" "$root/doc/$page"
done
exit $failed
