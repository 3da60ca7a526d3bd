# SPDX-License-Identifier: ISC
# Completion for headlinectl(1). Verbs and options are asked of the program, so
# that they are those of its version; names of sinks, of the running daemon.
# shellcheck shell=bash

_headlinectl_verbs()
{
	"$1" --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p'
}

# Everything before FILE, NAME and the like in a verb's usage: its words of
# one line and lower case, and its options.
_headlinectl_usage()
{
	"$1" "$2" --help 2>/dev/null | sed '1s/^usage: [^ ]* [^ ]*//; $d' |
	    tr -s ' |[]\n' '\n\n\n\n\n' |
	    grep -Ex -e '--?[a-z][a-z-]*' -e '[a-z][a-z-]*'
}

_headlinectl_sinks()
{
	timeout 2 "$1" sinks --json 2>/dev/null |
	    tr '{,' '\n\n' | sed -n 's/^"name":"\([A-Za-z0-9._-]*\)".*/\1/p'
}

_headlinectl()
{
	local program=$1 word=$2 before=$3 verb=${COMP_WORDS[1]} words

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$(_headlinectl_verbs "$program")
		mapfile -t COMPREPLY < <(compgen -W "$words --help --version" \
		    -- "$word")
		return
	fi
	case $before in
	-c | --socket | --store)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	--sink)
		words=$(_headlinectl_sinks "$program")
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return
		;;
	--state)
		mapfile -t COMPREPLY < <(compgen -W \
		    'waiting sent given_up dropped in_digest' -- "$word")
		return
		;;
	esac
	words=$(_headlinectl_usage "$program" "$verb")
	if [ "$verb" = sink ] && [ "$COMP_CWORD" -gt 2 ]; then
		words="$words $(_headlinectl_sinks "$program")"
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	case $verb in
	parse | match | stories | opml | discover | article | store)
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f \
		    -- "$word")
		;;
	esac
}

complete -o filenames -F _headlinectl headlinectl
