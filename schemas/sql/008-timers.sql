-- SPDX-License-Identifier: Apache-2.0
-- Timers whose time has come, by the partition where the record is at home (engine/store/timers.h).
CREATE INDEX record_due ON record (part, due) WHERE due IS NOT NULL;
COMMENT ON COLUMN record.due IS 'time of the timer in body->timer';
