/* SPDX-License-Identifier: ISC */
/* Looks at a file and judges it. Blocks as long as the file system does. */
#ifndef BASIN_CHECK_FILE_JUDGE_H
#define BASIN_CHECK_FILE_JUDGE_H

#include "check/judgement.h"

void file_judge(const struct conf_file *conf, struct wall now,
		struct judgement *out);

#endif
