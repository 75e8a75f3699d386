/* SPDX-License-Identifier: ISC */
/*
 * Modules: shared objects with what only some configurations need, each with
 * one exported descriptor.
 */
#ifndef BASIN_BASE_MODULE_H
#define BASIN_BASE_MODULE_H

/*
 * The descriptor `symbol`: linked into the program, or out of the module
 * NAME.so, which `folder` of src/ makes. A module once loaded stays. NULL
 * with *why (static, until the next call) when there is none.
 */
const void *module_find(const char *folder, const char *name,
			const char *symbol, const char **why);

#endif
