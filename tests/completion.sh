#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What bash completes for headlinectl, asked of packaging/headlinectl.bash as
# bash asks it, with the real program behind it. Prints TAP.
set -u
root=${srcdir:-$(dirname "$0")/..}

if ! command -v bash >/dev/null; then
	echo '1..0 # SKIP bash is not installed'
	exit 0
fi
# No line asks for names of sinks that only a running daemon would give.
exec bash -u -s "$root/packaging/headlinectl.bash" \
    "${HEADLINECTL:-headlinectl}" <<'END'
source "$1" || exit 1
program=$2
n=0 failed=0

# completes LINE WORD...: all of these are offered for LINE's last word (which
# is empty where LINE ends in a space).
# offers_only LINE WORD...: and nothing else.
ask()
{
	read -r -a COMP_WORDS <<<"$1"
	[ "${1% }" = "$1" ] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_headlinectl "$program" "${COMP_WORDS[COMP_CWORD]}" \
	    "${COMP_WORDS[COMP_CWORD - 1]}"
}
report()
{
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		printf '# offered: %s\n' "${COMPREPLY[@]-}"
	fi
}
completes()
{
	local says="$1: offers ${*:2}" status=0 word
	ask "$1"
	shift
	for word; do
		printf '%s\n' "${COMPREPLY[@]-}" | grep -qxF -e "$word" ||
			status=1
	done
	report $status "$says"
}
offers_only()
{
	completes "$@"
	local count=$(($# - 1))
	[ "${#COMPREPLY[@]}" -eq "$count" ]
	report $? "$1: and nothing else"
}

completes 'headlinectl ' status feeds sinks alerts outbox why match parse \
    --help --version
offers_only 'headlinectl stat' status
offers_only 'headlinectl feeds --fail' --failing
completes 'headlinectl sink ' test enable disable
completes 'headlinectl outbox ' list replay drop
offers_only 'headlinectl outbox list --state gi' given_up
ask 'headlinectl nosuchverb --fail'
[ "${#COMPREPLY[@]}" -eq 0 ]
report $? 'a verb that is none has no options'
echo "1..$n"
exit $failed
END
