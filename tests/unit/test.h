/* SPDX-License-Identifier: ISC */
/* cmocka with the headers it forgets. */
#ifndef BASIN_TESTS_UNIT_TEST_H
#define BASIN_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
