-- SPDX-License-Identifier: Apache-2.0
-- Parked messages are records of kind 'parked' (engine/lane/ledger.h): what is open, without looking at what is not.
CREATE INDEX record_parked ON record (key) WHERE kind = 'parked' AND state = 'OPEN';
