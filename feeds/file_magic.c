/* SPDX-License-Identifier: ISC */
/* A row for each kind; no feed in any charset begins like one. */
#include "feeds/file_magic.h"

static const struct magic {
	size_t		 at;
	struct str	 bytes;
	const char	*name;
} magics[] = {
#define MAGIC(at, bytes, name)	{ at, { bytes, sizeof(bytes) - 1 }, name }
	MAGIC(0, "\x1F\x8B\x08", "gzip data that nobody unpacked"),
	MAGIC(0, "\x28\xB5\x2F\xFD", "zstd data that nobody unpacked"),
	MAGIC(0, "BZh", "a bzip2 file"),
	MAGIC(0, "\xFD" "7zXZ\0", "an xz file"),
	MAGIC(0, "PK\3\4", "a ZIP file"),
	MAGIC(0, "%PDF-", "a PDF file"),
	MAGIC(0, "\x89PNG\r\n\x1A\n", "a PNG picture"),
	MAGIC(0, "\xFF\xD8\xFF", "a JPEG picture"),
	MAGIC(0, "GIF87a", "a GIF picture"),
	MAGIC(0, "GIF89a", "a GIF picture"),
	MAGIC(0, "RIFF", "a WebP picture or a recording"),
	MAGIC(0, "\0\0\1\0", "an icon"),
	MAGIC(0, "ID3", "an MP3 recording"),
	MAGIC(0, "OggS", "an Ogg recording"),
	MAGIC(4, "ftyp", "an MP4 film or recording"),
	MAGIC(0, "wOF2", "a font"),
	MAGIC(0, "\x7F" "ELF", "a program"),
	MAGIC(0, "SQLite form", "a database"),
#undef MAGIC
};

const char *
file_magic_name(struct str first)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (str_starts(str_sub(first, magics[i].at, first.n),
		    magics[i].bytes))
			return magics[i].name;
	return NULL;
}
