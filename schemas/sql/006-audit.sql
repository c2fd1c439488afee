-- SPDX-License-Identifier: Apache-2.0
-- The audit list reads stretches of time (engine/store/audit.h).  Rows come in the order of time, so ranges of
-- blocks are enough: next to nothing to keep, next to nothing to write.
CREATE INDEX history_at ON history USING brin (at);
