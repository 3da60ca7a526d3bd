/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_TLS_CLIENT_H
#define HEADLINED_BASE_TLS_CLIENT_H

/*
 * TLS over a non-blocking socket that is ours: the client's side, for what is
 * not HTTP. 1.2 and later; the server's certificate is always verified, and
 * must be for the name or address that was asked for (RFC 6125, 6.4).
 *
 *	tls_client_new -> tls_session_new -> handshake -> write, read -> free
 *
 * SIGPIPE must be ignored: OpenSSL writes without MSG_NOSIGNAL. A thread may
 * have what it has made itself.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;
struct tls_client;
struct tls_session;

/* Of HTTP's peers, too: base/http.h. */
struct tls_files {
	struct str	ca;		/* PEM; empty: the system's */
	struct str	cert, key;	/* PEM, ours: both or none */
};

/* What every session of a peer has alike. NULL and *err: a text is no PEM, or
 * the key is not the certificate's, or memory is out. */
struct tls_client	*tls_client_new(const struct tls_files *,
			    struct err *);
void			 tls_client_free(struct tls_client *);	/* NULL: fine */

enum tls_step {
	TLS_DONE,
	TLS_WANTS_READ,		/* again when the socket is readable */
	TLS_WANTS_WRITE,	/* ... writable */
	TLS_CLOSED,		/* the peer has ended, in order or not */
	TLS_RESET,		/* the connection broke; errno */
	TLS_FAILED		/* the peer or its certificate; *err */
};

/* host: a name or an address. The socket is borrowed. NULL: memory is out. */
struct tls_session	*tls_session_new(struct tls_client *, int fd,
			    const char *host);

/* Says goodbye where that can be done at once. NULL is fine. */
void			 tls_session_free(struct tls_session *);

enum tls_step	tls_session_handshake(struct tls_session *, struct err *);

/* Some of n > 0 bytes; after TLS_WANTS_... the same bytes come again, they may
 * have moved. *done: how many were written or read, with TLS_DONE. */
enum tls_step	tls_session_write(struct tls_session *, const char *, size_t n,
		    size_t *done, struct err *);
enum tls_step	tls_session_read(struct tls_session *, char *, size_t n,
		    size_t *done, struct err *);

/*
 * In TLS 1.3 a client is through before the server has looked at its
 * certificate (RFC 8446, 2): true while a server that asked for one has said
 * neither yes (with a session ticket) nor no.
 */
bool		tls_session_is_on_trial(const struct tls_session *);

#endif
