/* SPDX-License-Identifier: ISC */
/* A mesh of one other node, and a brake on the first prefix. */
#include "daemon/brake.h"
#include "mesh/mesh.h"

struct mesh *
brake_mesh(const struct basin *b)
{
	return NULL;
}

size_t
mesh_nodes(const struct mesh *m)
{
	return 1;
}

void
mesh_node_view(const struct mesh *m, size_t i, struct mesh_node_view *out)
{
	*out = (struct mesh_node_view){.name = "lon1",
				       .address = ip_from_v4(0xc6336441),
				       .port = 9178,
				       .heard = true,
				       .known = true,
				       .last = mono_now(),
				       .rtt = dur_ms(71),
				       .accepted = 12};
}

size_t
mesh_brakes(const struct mesh *m)
{
	return 1;
}

size_t
mesh_brake_of(const struct mesh *m, size_t prefix)
{
	return prefix == 0 ? 0 : SIZE_MAX;
}

void
mesh_brake_view(const struct mesh *m, size_t i, struct mesh_brake_view *out)
{
	*out = (struct mesh_brake_view){.min_sites = 2,
					.window = dur_s(600),
					.state = MESH_BRAKED,
					.asking = true,
					.staying = 1,
					.attempts = 4,
					.refused = 3};
}

void
mesh_said(const struct mesh *m, size_t node, size_t brake,
	  struct mesh_said *out)
{
	*out = (struct mesh_said){"announced", "", mono_now()};
}

void
mesh_brake_text(const struct mesh *m, size_t brake, bool ages, struct text *out)
{
	text_add(out, "1 of 2 needed nodes stay (lon1)");
}

void
mesh_stats(const struct mesh *m, struct mesh_stats *out)
{
	*out = (struct mesh_stats){.sent = 5, .received = 4, .n_discards = 1};
	out->discards[0].cause = "forged";
}
