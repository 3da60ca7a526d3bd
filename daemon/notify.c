/* SPDX-License-Identifier: ISC */
/* Failures to notify are ignored: without a manager there is nobody to tell. */
#include "daemon/notify.h"

#include <systemd/sd-daemon.h>

void
notify_ready(const char *status)
{
	(void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void
notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1\nSTATUS=draining");
}
