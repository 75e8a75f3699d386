/* SPDX-License-Identifier: ISC */
/*
 * BFD: samples the state of a session at the check's interval, and at once
 * when it changes (checker_kick()).
 */
#include "check/kind.h"

static void
start(struct check *check)
{
	const struct check_services *s = check_services(check);
	struct check_bfd seen = {.text = "there is no such session"};

	if (s && s->bfd)
		s->bfd(s->bfd_arg, &check_conf(check)->bfd, &seen);
	switch (seen.state) {
	case CHECK_BFD_UP:
		check_done(check, CHECK_PASS, CHECK_CAUSE_OK, "%s", seen.text);
		break;
	case CHECK_BFD_DOWN:
		check_done(check, CHECK_FAIL, CHECK_CAUSE_UNREACHABLE, "%s",
			   seen.text);
		break;
	/* Not a failure of the path (RFC 5882 section 3.2). */
	case CHECK_BFD_ADMIN_DOWN:
		check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_CLOSED, "%s",
			   seen.text);
		break;
	case CHECK_BFD_NONE:
		check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL, "%s",
			   seen.text);
		break;
	}
}

/* A run ends where it starts. */
static void
cancel(struct check *check)
{
}

const struct check_kind check_bfd_kind = {
    .name = "bfd",
    .start = start,
    .cancel = cancel,
};
