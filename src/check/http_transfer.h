/* SPDX-License-Identifier: ISC */
/* One run of an http check as curl sees it: its options and its buffers. */
#ifndef BASIN_CHECK_HTTP_TRANSFER_H
#define BASIN_CHECK_HTTP_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/text.h"
#include "check/check.h"

/* Lives while a run goes on. */
struct http_transfer {
	struct check *check;                   /* borrowed */
	CURL *easy;                            /* owned */
	struct curl_slist *headers, *connects; /* owned */
	struct text head, body;
	bool cut;
	bool by_name; /* the host must be resolved first */
	bool reached; /* curl wanted a socket: there is an address */
	int bind_error, socket_error; /* errno of our own steps */
	char error[CURL_ERROR_SIZE];
};

/* A new easy handle for the check; NULL when its URL cannot be used. */
struct http_transfer *http_transfer_new(struct check *check);
void http_transfer_free(struct http_transfer *t);

#endif
