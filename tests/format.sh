#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The cheap part of the house style, checked on every .c and .h of the tree:
# white space, width, licence line, guards, own header first, and that each
# header compiles alone. Prints TAP, each offence with file and line.
#
# usage: format.sh [ROOT]
# CC and CPPFLAGS of the environment are used, as make check gives them.
set -u
root=${1:-${srcdir:-$(dirname "$0")/..}}
cd "$root" || exit 1
export LC_ALL=C.UTF-8

flags=${CPPFLAGS-$(pkg-config --cflags libxml-2.0 2>/dev/null)}
rooms='base feeds filters alerts daemon'
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
sources=$scratch/sources
headers=$scratch/headers
wrong=$scratch/wrong
# shellcheck disable=SC2086 # the rooms are words
find $rooms tests -name '*.[ch]' -type f | sort >"$sources"
# shellcheck disable=SC2086
find $rooms -name '*.h' -type f | sort >"$headers"

n=0
failed=0
# report SAYS: the offences stand in $wrong.
report() {
	n=$((n + 1))
	if [ -s "$wrong" ]; then
		failed=1
		echo "not ok $n - $1"
		sed 's/^/# /' "$wrong"
	else
		echo "ok $n - $1"
	fi
}

# each_line PROGRAM: awk over all sources, each file by its own name.
each_line() {
	xargs awk "$1" <"$sources" >"$wrong" 2>&1
}

# Tables of facts that a program wrote are as wide as their rows.
generated() {
	head -n 30 "$1" | grep -qi 'generated'
}

echo 1..8

[ -s "$sources" ] && : >"$wrong" || echo "no source under $root" >"$wrong"
report 'the tree has sources to judge'

each_line '/[ \t]+$/ { print FILENAME ":" FNR ": white space at the end" }
    /\r/ { print FILENAME ":" FNR ": carriage return" }'
report 'no white space at the end of a line'

# A tab goes to the next multiple of 8. mawk counts bytes: continuation bytes
# of UTF-8 are taken out first.
: >"$wrong"
while read -r f; do
	expand -t 8 "$f" | LC_ALL=C sed 's/[\x80-\xbf]//g' |
	    LC_ALL=C awk -v f="$f" 'length($0) > 80 {
		print f ":" NR ": " length($0) " columns" }' >"$scratch/wide"
	[ -s "$scratch/wide" ] && ! generated "$f" &&
		cat "$scratch/wide" >>"$wrong"
done <"$sources"
report 'no line over 80 columns'

each_line '/^        / { print FILENAME ":" FNR ": indented by spaces" }
    /[^\t ] +\t/ && !/^[ \t]*(\/\*|\*)/ && !/"/ {
	print FILENAME ":" FNR ": spaces before a tab" }'
report 'tabs indent'

each_line 'FNR == 1 && $0 != "/* SPDX-License-Identifier: ISC */" {
	print FILENAME ":1: the first line names no licence" }'
report 'the first line is the SPDX line'

: >"$wrong"
while read -r f; do
	guard=HEADLINED_$(echo "${f%.h}" | tr 'a-z/-' 'A-Z__')_H
	grep -qx "#ifndef $guard" "$f" && grep -qx "#define $guard" "$f" ||
		echo "$f:1: the guard is not $guard" >>"$wrong"
done <"$headers"
report 'guards are HEADLINED_ROOM_NAME_H'

: >"$wrong"
while read -r f; do
	case $f in
	tests/*|*.h)
		continue ;;
	esac
	own=${f%.c}.h
	[ -f "$own" ] || continue
	first=$(sed -n 's/^#include[ ]*["<]\([^">]*\)[">].*/\1/p' "$f" |
	    head -n 1)
	[ "$first" = "$own" ] ||
		echo "$f: includes $first before $own" >>"$wrong"
done <"$sources"
report 'each .c includes its own header first'

: >"$wrong"
while read -r f; do
	printf '#include "%s"\n#include "%s"\n' "$f" "$f" |
	    ${CC:-cc} $flags -std=c11 -D_GNU_SOURCE -I. -Wall -Wextra \
		-Werror -x c -fsyntax-only - 2>"$scratch/why" ||
		{ echo "$f: does not compile alone"; cat "$scratch/why"; } \
		    >>"$wrong"
done <"$headers"
report 'each header compiles alone, and twice'

exit $failed
