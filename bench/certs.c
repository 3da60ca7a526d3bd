/* SPDX-License-Identifier: ISC */
#include "bench/certs.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/err.h"
#include "bench/setup.h"

enum { VALID_S = 86400 };

static int
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	int ok;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok ? 0 : -1;
}

/* Not signed yet; its issuer may be itself. */
static int
fill_in(X509 *cert, X509 *issuer, EVP_PKEY *key, const char *name,
    long serial)
{
	X509_NAME *subject = X509_get_subject_name(cert);

	return X509_set_version(cert, X509_VERSION_3) == 1 &&
	    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -VALID_S) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), VALID_S) != NULL &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
	    (const unsigned char *)name, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
	    X509_set_pubkey(cert, key) == 1 ? 0 : -1;
}

static X509 *
make_authority(EVP_PKEY *key)
{
	X509 *cert = X509_new();

	if (cert == NULL ||
	    fill_in(cert, cert, key, "Bench authority", 1) == -1 ||
	    add_extension(cert, cert, NID_basic_constraints,
	    "critical,CA:TRUE") == -1 ||
	    add_extension(cert, cert, NID_key_usage,
	    "critical,keyCertSign,cRLSign") == -1 ||
	    add_extension(cert, cert, NID_subject_key_identifier, "hash") ==
	    -1 || X509_sign(cert, key, EVP_sha256()) == 0) {
		X509_free(cert);
		return NULL;
	}
	return cert;
}

static X509 *
make_of_host(const struct certs *c, const char *host, long serial)
{
	X509 *cert = X509_new();
	char names[SETUP_URL_SIZE + 8];

	(void)snprintf(names, sizeof(names), "DNS:%s", host);
	if (cert == NULL ||
	    fill_in(cert, c->authority, c->key, host, serial) == -1 ||
	    add_extension(cert, c->authority, NID_subject_alt_name, names) ==
	    -1 ||
	    add_extension(cert, c->authority, NID_authority_key_identifier,
	    "keyid") == -1 || X509_sign(cert, c->key, EVP_sha256()) == 0) {
		X509_free(cert);
		return NULL;
	}
	return cert;
}

int
certs_make(struct certs *c, const struct setup *s, struct err *err)
{
	char host[SETUP_URL_SIZE];

	*c = (struct certs){ .key = EVP_EC_gen("P-256"),
		.of_host = calloc(s->n_hosts, sizeof(*c->of_host)) };
	if (c->of_host != NULL)
		c->n = s->n_hosts;
	if (c->key != NULL)
		c->authority = make_authority(c->key);
	if (c->of_host == NULL || c->authority == NULL)
		return err_set(err, "no certificate authority: OpenSSL fails");
	for (size_t i = 0; i < c->n; i++) {
		setup_host(s, i, host);
		c->of_host[i] = make_of_host(c, host, 2 + (long)i);
		if (c->of_host[i] == NULL)
			return err_set(err, "no certificate of %s: OpenSSL "
			    "fails", host);
	}
	return 0;
}

void
certs_clear(struct certs *c)
{
	for (size_t i = 0; i < c->n; i++)
		X509_free(c->of_host[i]);	/* NULL is fine */
	free(c->of_host);
	X509_free(c->authority);
	EVP_PKEY_free(c->key);
	*c = (struct certs){ .n = 0 };
}

static int
copy_file(FILE *to, const char *path)
{
	FILE *from = fopen(path, "re");
	char bytes[16384];
	size_t n;
	int rc;

	if (from == NULL)
		return -1;
	while ((n = fread(bytes, 1, sizeof(bytes), from)) > 0)
		(void)fwrite(bytes, 1, n, to);	/* ferror tells */
	rc = ferror(from) != 0 ? -1 : 0;
	(void)fclose(from);		/* only read */
	return rc;
}

int
certs_write_bundle(const struct certs *c, const char *system_bundle,
    const char *path, struct err *err)
{
	FILE *f = fopen(path, "we");
	int rc;

	if (f == NULL)
		return err_set(err, "%s cannot be written", path);
	rc = copy_file(f, system_bundle);
	if (rc == 0 && PEM_write_X509(f, c->authority) != 1)
		rc = -1;
	if (ferror(f) != 0)
		rc = -1;
	if (fclose(f) != 0 || rc == -1)
		return err_set(err, "%s cannot be made from %s", path,
		    system_bundle);
	return 0;
}
