/* SPDX-License-Identifier: ISC */
#include "daemon/refusal.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/url.h"
#include "daemon/manners.h"
#include "feeds/claims.h"
#include "feeds/fetch.h"
#include "feeds/host_gate.h"
#include "feeds/schedule.h"

void
refusal_close_host(const struct fetch_env *env, struct claims *claims,
    const char *url, int64_t wait_s)
{
	const struct clock *clock = env->clock;
	int64_t now_s = clock_steady_s(clock);
	char host[URL_MAX_BYTES];
	struct err err;

	if (wait_s > SCHEDULE_HOST_MOST_S)
		wait_s = SCHEDULE_HOST_MOST_S;
	if (fetch_host_of(url, host, sizeof(host), &err) == -1)
		return;
	claims_forbid_host(claims, host, now_s, now_s + 1 + wait_s);
	host_gate_close_until(env->gate, host,
	    clock_mono_us(clock) + wait_s * CLOCK_US_PER_S);
}

int64_t
refusal_host_until_s(const struct fetch_env *env, struct claims *claims,
    const char *host)
{
	struct claim c = claims_find_host(claims, host);

	return manners_refused_s(clock_steady_s(env->clock), &c);
}

int64_t
refusal_host_wait_us(const struct fetch_env *env, struct claims *claims,
    const char *host)
{
	int64_t wait_s = refusal_host_until_s(env, claims, host) -
	    clock_steady_s(env->clock);

	return wait_s > 0 && wait_s <= INT64_MAX / CLOCK_US_PER_S ?
	    wait_s * CLOCK_US_PER_S : 0;
}
