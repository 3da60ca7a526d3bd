/* SPDX-License-Identifier: ISC */
/* One table of marks. Titles and texts are compared without case. */
#include "feeds/bot_wall.h"

#include <stdbool.h>

enum how { ANYWHERE, BEGINS, WHOLE };

static const struct mark {
	enum bot_wall_place	 place;
	enum how		 how;
	struct str		 mark;
	const char		*wall;
} marks[] = {
#define MARK(place, how, mark, wall) \
	{ BOT_WALL_##place, how, { mark, sizeof(mark) - 1 }, wall }
	MARK(TITLE, BEGINS, "just a moment...", "Cloudflare challenge"),
	MARK(TITLE, BEGINS, "attention required! | cloudflare",
	    "Cloudflare block"),
	MARK(SCRIPT, ANYWHERE, "_cf_chl_opt", "Cloudflare challenge"),
	MARK(ATTR, ANYWHERE, "__cf_chl_", "Cloudflare challenge"),
	MARK(ATTR, BEGINS, "cf-chl", "Cloudflare challenge"),
	MARK(ATTR, BEGINS, "cf-browser-verification", "Cloudflare challenge"),
	MARK(ATTR, BEGINS, "cf-error-details", "Cloudflare block"),
	MARK(TITLE, WHOLE, "ddos-guard", "DDoS-Guard challenge"),
	MARK(ATTR, ANYWHERE, "/.well-known/ddos-guard/",
	    "DDoS-Guard challenge"),
	MARK(TITLE, BEGINS, "sucuri website firewall", "Sucuri firewall"),
	MARK(SCRIPT, ANYWHERE, "sucuri_cloudproxy_js", "Sucuri firewall"),
	MARK(TITLE, BEGINS, "pardon our interruption", "Imperva challenge"),
	MARK(TEXT, ANYWHERE, "incapsula incident id", "Imperva Incapsula"),
	MARK(ATTR, BEGINS, "/_Incapsula_Resource?SWUDNSAI=",
	    "Imperva Incapsula"),
	MARK(ATTR, BEGINS, "/_Incapsula_Resource?CWUDNSAI=",
	    "Imperva Incapsula"),
	MARK(ATTR, WHOLE, "px-captcha", "PerimeterX captcha"),
	MARK(TITLE, BEGINS, "access to this page has been denied",
	    "PerimeterX captcha"),
	MARK(ATTR, ANYWHERE, "captcha-delivery.com/", "DataDome captcha"),
	MARK(ATTR, ANYWHERE, "/.well-known/sgcaptcha/", "SiteGround captcha"),
	MARK(TITLE, BEGINS, "vercel security checkpoint",
	    "Vercel challenge"),
	MARK(TITLE, BEGINS, "making sure you're not a bot", "Anubis challenge"),
	MARK(TITLE, WHOLE, "bot verification", "captcha"),
	MARK(TITLE, WHOLE, "robot check", "captcha"),
	MARK(TITLE, WHOLE, "human verification", "captcha"),
	MARK(TITLE, ANYWHERE, "are you a robot", "captcha"),
	MARK(TEXT, ANYWHERE, "verify you are human", "captcha"),
	MARK(TEXT, ANYWHERE, "verify that you are human", "captcha"),
	MARK(TITLE, BEGINS, "checking your browser", "browser check"),
	MARK(TEXT, ANYWHERE, "checking your browser before accessing",
	    "browser check"),
	MARK(TEXT, ANYWHERE, "please enable javascript and cookies",
	    "browser check"),
	MARK(TEXT, BEGINS, "access denied you don't have permission to access",
	    "Akamai refusal"),
	MARK(TITLE, WHOLE, "access denied", "access denied"),
#undef MARK
};

static bool
same(enum bot_wall_place place, struct str a, struct str b)
{
	return place == BOT_WALL_TITLE || place == BOT_WALL_TEXT ?
	    str_eq_nocase(a, b) : str_eq(a, b);
}

static bool
bears(const struct mark *m, struct str s)
{
	if (m->how == WHOLE)
		return same(m->place, s, m->mark);
	if (m->how == BEGINS)
		return same(m->place, str_sub(s, 0, m->mark.n), m->mark);
	if (m->place == BOT_WALL_ATTR || m->place == BOT_WALL_SCRIPT)
		return memmem(s.p, s.n, m->mark.p, m->mark.n) != NULL;
	for (size_t i = 0; i + m->mark.n <= s.n; i++)
		if (same(m->place, str_sub(s, i, m->mark.n), m->mark))
			return true;
	return false;
}

const char *
bot_wall_find(enum bot_wall_place place, struct str s)
{
	s = str_trim(s);
	if (s.n == 0)
		return NULL;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (marks[i].place == place && bears(&marks[i], s))
			return marks[i].wall;
	return NULL;
}
