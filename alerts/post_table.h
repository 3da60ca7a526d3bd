/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_POST_TABLE_H
#define HEADLINED_ALERTS_POST_TABLE_H

/* The formats there are; each is defined in its post_<name>.c. */

#include "alerts/post.h"

extern const struct post_format post_format_slack;
extern const struct post_format post_format_discord;
extern const struct post_format post_format_mattermost;
extern const struct post_format post_format_teams;
extern const struct post_format post_format_ntfy;
extern const struct post_format post_format_telegram;
extern const struct post_format post_format_pagerduty;
extern const struct post_format post_format_alertmanager;
extern const struct post_format post_format_gotify;
extern const struct post_format post_format_template;

#endif
