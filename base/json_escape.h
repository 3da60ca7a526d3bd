/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_JSON_ESCAPE_H
#define HEADLINED_BASE_JSON_ESCAPE_H

/*
 * What escapes in a JSON string mean (RFC 8259, 7), for readers that have the
 * whole string and for such as get it in pieces. Pure.
 *
 *	\n		json_escape_letter('n')
 *	\u00e9		json_escape_hex of each digit
 *	\ud83d\ude00	both halves, then json_escape_pair
 */

#include <stdbool.h>
#include <stdint.h>

/* What one letter behind a backslash stands for; -1: it is none of them (u is
 * not, either). */
int		json_escape_letter(char);

/* The value of a digit; -1: it is none. */
int		json_escape_hex(char);

/* Halves of a character over U+FFFF. */
bool		json_escape_is_high(uint32_t);
bool		json_escape_is_low(uint32_t);

/* Of a high and a low one. */
uint32_t	json_escape_pair(uint32_t high, uint32_t low);

#endif
