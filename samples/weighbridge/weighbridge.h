/* SPDX-License-Identifier: Apache-2.0 */
/* The weighbridge handler's own header: its words, its options, its tables. */
#ifndef WEIGHBRIDGE_H
#define WEIGHBRIDGE_H

#include <kouan/handler.h>

#define WB_KIND "weighbridge"
#define WB_NS "urn:example:weighbridge:1"
#define WB_SCALE 3 /* decimals of a weight in kilograms: numbers inside are grams */

enum wb_op { WB_GROSS = 1, WB_TARE };
enum wb_state { WB_NONE, WB_HALF, WB_CLOSED, WB_REVIEW };
enum wb_event { WB_ON_GROSS, WB_ON_TARE };

typedef struct wb_conf {
    int64_t tolerance_kg;
    int64_t max_gross_kg;
} wb_conf;

/* What the guard of the machine looks at: grams. */
typedef struct wb_weighed {
    int64_t net, declared; /* declared 0: nothing was declared */
    int64_t tolerance;
} wb_weighed;

/* Rows of wb_refusals, by place. */
enum wb_refusal { WB_OTHER_VEHICLE, WB_TARE_NOT_LESS, WB_SCALE_STUCK };

extern const kn_machine wb_machine;
extern const kn_field wb_gross_fields[];
extern const kn_field wb_tare_fields[];
extern const kn_error_row wb_refusals[];

kn_step wb_gross(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);
kn_step wb_tare(kn_context *ctx, const kn_msg *msg, kn_ask *ask, kn_decision *out);

#endif
