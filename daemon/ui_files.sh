#!/bin/sh
# SPDX-License-Identifier: ISC
# The files named, as the table that daemon/ui.h describes.
# usage: ui_files.sh FILE...
set -eu

echo '/* SPDX-License-Identifier: ISC */'
echo '/* Made by daemon/ui_files.sh: change the files of daemon/ui. */'
echo '#include "daemon/ui.h"'
i=0
for file; do
	# A byte more, for C has no array of none.
	printf '\nstatic const unsigned char file_%d[] = {\n' "$i"
	od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo '0};'
	i=$((i + 1))
done
printf '\nconst struct ui_file ui_files[] = {\n'
i=0
for file; do
	printf '\t{ "%s", file_%d, sizeof(file_%d) - 1 },\n' \
		"${file##*/}" "$i" "$i"
	i=$((i + 1))
done
printf '\t{ NULL, NULL, 0 }\n};\n'
