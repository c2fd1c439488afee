-- SPDX-License-Identifier: Apache-2.0
-- Days of the archive that were dropped (docs/EVIDENCE.md §5): what they held, in a document signed by the engine.
CREATE TABLE archive_drop (
    day       date PRIMARY KEY,
    made      timestamptz NOT NULL,
    digest    bytea NOT NULL,           -- SM3 of document
    document  bytea NOT NULL,           -- signed XML
    published boolean NOT NULL DEFAULT false
);

-- Takes the partition of a day away.  Readers and writers of other days wait for that moment, at most two seconds.
CREATE FUNCTION message_day_drop(day date) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL lock_timeout = '2s';
    EXECUTE format('DROP TABLE %I', 'message_' || to_char(day, 'YYYYMMDD'));
    RETURN true;
END $$;
