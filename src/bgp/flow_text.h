/* SPDX-License-Identifier: ISC */
/*
 * Words of flow specifications, for both directions.
 */
#ifndef BASIN_BGP_FLOW_TEXT_H
#define BASIN_BGP_FLOW_TEXT_H

#include <stdint.h>

#include "wire/bgp_flow.h"

struct flow_word {
	const char *word;
	uint32_t value;
};

/* Lists end with NULL; of several words for one value the first is printed. */
extern const struct flow_word flow_text_components[];
/* Words for values of this component; NULL: it has none. */
const struct flow_word *flow_text_words(uint8_t type);
/* NULL when there is none. */
const char *flow_text_word(const struct flow_word *words, uint32_t value);

#endif
