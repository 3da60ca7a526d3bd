/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_TRIAL_H
#define HEADLINED_ALERTS_TRIAL_H

/*
 * A message that says of itself that it is a test: what `headlinectl sink test`
 * sends, the way that alerts go.
 *
 *	{..., "type": "io.headlined.test.v1", "subject": "SINK",
 *	 "data": {"severity": "notice", "sink": "SINK",
 *	  "message": "A test of the sink SINK, asked for by headlinectl."}}
 *
 * Pure, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "base/str.h"

struct arena;
struct buf;
struct err;

#define TRIAL_SEVERITY	SEVERITY_NOTICE

struct trial {
	struct str	id;		/* trial_make_id() */
	struct str	instance, sink;
	int64_t		time_s;
	struct str	message;	/* read alone: written from the sink */
};

/* Another one each time: nonce tells two of one second apart. */
void	trial_make_id(const struct trial *, uint64_t nonce,
	    char out[ALERT_ID_SIZE]);

/* 0, or -1 when memory is out. */
int	trial_to_json(struct buf *, const struct trial *);

/* 1: it is one, and read; slices live in the arena; 0: it is something else;
 * -1 and *err: it is broken. */
int	trial_from_json(struct arena *, struct str json, struct trial *,
	    struct err *);

/* test sink=... severity=notice id=... message="..." */
void	trial_to_logfmt(struct buf *, const struct trial *);
void	trial_to_terminal(struct buf *, const struct trial *, bool colour);

#endif
