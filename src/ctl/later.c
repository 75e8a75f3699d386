/* SPDX-License-Identifier: ISC */
/* Answers that come later than the call of their command. */
#include "ctl/later.h"

#include <stdlib.h>

#include "ctl/request.h"
#include "ctl/session.h"

struct ctl_later *
ctl_later(struct ctl_reply *reply)
{
	reply->later = xcalloc(1, sizeof(*reply->later));
	return reply->later;
}

void
ctl_answer(struct ctl_later *later, struct ctl_reply *reply)
{
	struct text answer = {0};

	request_answer(reply, &answer);
	if (later->session)
		session_answer(later->session, &answer);
	text_free(&answer);
	free(later);
}
