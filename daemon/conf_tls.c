/* SPDX-License-Identifier: ISC */
/*
 * Whom a sink trusts and who it is, where TLS is spoken. Certificates are tried
 * here as the sink will try them, so that --check tells what an opening would.
 */
#include "daemon/conf_load.h"

#include "alerts/sink.h"
#include "base/err.h"
#include "base/tls_client.h"
#include "daemon/faults.h"

enum { MAX_PEM = 1 << 20 };		/* the CAs of the world are a quarter */

static void
finish_ca(struct conf_loader *l, const struct yaml_event *file,
    struct sink_settings *s)
{
	struct tls_files files = { 0 };
	struct tls_client *c;
	struct err err;

	if (file->line == 0 || !conf_read_file(l, file, MAX_PEM, &s->ca))
		return;
	files.ca = s->ca;
	c = tls_client_new(&files, &err);
	if (c == NULL)
		conf_fault(l, file, "%s: %s", file->text.p, err.msg);
	tls_client_free(c);
}

/* Which of the two is wrong stands in the message. */
static void
try_client(struct conf_loader *l, const struct conf_raw_tls *raw,
    const struct sink_settings *s)
{
	const struct tls_files files = { .cert = s->client_cert,
		.key = s->client_key };
	struct tls_client *c;
	struct err err;

	c = tls_client_new(&files, &err);
	if (c == NULL)
		conf_fault(l, &raw->client_cert_file, "%s with %s: %s",
		    raw->client_cert_file.text.p, raw->client_key_file.text.p,
		    err.msg);
	tls_client_free(c);
}

/* The certificate is for everybody to see, the key is a secret. */
static void
finish_client(struct conf_loader *l, const struct conf_raw_tls *raw,
    struct sink_settings *s)
{
	const struct yaml_event *cert = &raw->client_cert_file;
	const struct yaml_event *key = &raw->client_key_file;
	bool ok;

	if (cert->line == 0 && key->line == 0)
		return;
	if (cert->line == 0 || key->line == 0) {
		conf_enter(l, cert->line != 0 ? STR("client_cert_file") :
		    STR("client_key_file"));
		conf_fault(l, cert->line != 0 ? cert : key, "client_cert_file "
		    "and client_key_file go together");
		conf_leave(l);
		return;
	}
	conf_enter(l, STR("client_key_file"));
	ok = conf_read_secret(l, key, &s->client_key);
	conf_leave(l);
	conf_enter(l, STR("client_cert_file"));
	if (conf_read_file(l, cert, MAX_PEM, &s->client_cert) && ok)
		try_client(l, raw, s);
	conf_leave(l);
}

void
conf_finish_tls(struct conf_loader *l, const struct conf_raw_tls *raw,
    struct sink_settings *s)
{
	conf_enter(l, STR("ca_file"));
	finish_ca(l, &raw->ca_file, s);
	conf_leave(l);
	finish_client(l, raw, s);
}

void
conf_refuse_tls(struct conf_loader *l, const struct conf_raw_tls *raw,
    const char *needs)
{
	const struct {
		struct str		 name;
		const struct yaml_event	*at;
	} keys[] = {
		{ STR("ca_file"), &raw->ca_file },
		{ STR("client_cert_file"), &raw->client_cert_file },
		{ STR("client_key_file"), &raw->client_key_file },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].at->line == 0)
			continue;
		conf_enter(l, keys[i].name);
		conf_fault(l, keys[i].at, "needs %s beside it", needs);
		conf_leave(l);
	}
}
