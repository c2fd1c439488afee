/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of kouan-gen-docs made from engine/ops/metric.def (METRICS.md and the dashboard) and from
 * engine/base/alarm.def (ALARMS.md). */
#ifndef KOUAN_DOCS_OPS_DOCS_H
#define KOUAN_DOCS_OPS_DOCS_H

#include <kouan/handler.h>

/* The argument is not looked at: these sections belong to no handler. */
void kn_docs_metrics(const kn_handler *none);
void kn_docs_alarms(const kn_handler *none);
void kn_docs_grafana(const kn_handler *none);

#endif
