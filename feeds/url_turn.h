/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_URL_TURN_H
#define HEADLINED_FEEDS_URL_TURN_H

/*
 * Turns at a URL that several feeds ask, each for itself. A URL is asked once
 * in a floor, whoever asks; where one feed asks as often as that, another that
 * is led there would always come a moment too late. So whoever was kept off
 * says when it comes again, and the others leave it the room:
 *
 *	announce (kept off) -> until (before anybody asks) -> take (it asks)
 *
 *	           from        at     until
 *	-----------|-----------|------|------> nobody else asks from one floor
 *	                                       before `at` on
 *
 * One at a time: who asks in vain while another's turn is announced waits for
 * his own, and after a turn the others have room to ask before the next one. A
 * feed that does not come in its turn has lost it. Only URLs at which somebody
 * was kept off stand here.
 *
 * Times are seconds of steady time (base/clock.h). Any thread; one mutex inside
 * (a leaf, see base/mailbox.h).
 */

#include <stddef.h>
#include <stdint.h>

struct url_turns;

/* NULL when memory is out. */
struct url_turns *url_turns_new(void);
void		  url_turns_free(struct url_turns *);	/* NULL is fine */

/* The feed was kept off at now_s and comes again at at_s. Nothing where it is
 * another's turn, or memory is out: then it comes without. */
struct url_turn_plan {
	int64_t	now_s, at_s;
	int64_t	floor_s;	/* between two requests */
};
void		  url_turns_announce(struct url_turns *, const char *url,
		    const char *feed, const struct url_turn_plan *);

/* Until when it is another feed's turn; 0: it is not. */
int64_t		  url_turns_until_s(struct url_turns *, const char *url,
		    const char *feed, int64_t now_s);

/* The feed asks there now: if it was its turn, that is over. */
void		  url_turns_take(struct url_turns *, const char *url,
		    const char *feed, int64_t now_s);

size_t		  url_turns_count(struct url_turns *);	/* URLs */

#endif
