/* SPDX-License-Identifier: ISC */
#include "base/json_escape.h"

#include <string.h>

int
json_escape_letter(char c)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	const char *at = c != '\0' ? strchr(letters, c) : NULL;

	return at != NULL ? (unsigned char)meant[at - letters] : -1;
}

int
json_escape_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
json_escape_is_high(uint32_t c)
{
	return c >= 0xd800 && c <= 0xdbff;
}

bool
json_escape_is_low(uint32_t c)
{
	return c >= 0xdc00 && c <= 0xdfff;
}

uint32_t
json_escape_pair(uint32_t high, uint32_t low)
{
	return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
}
