-- SPDX-License-Identifier: Apache-2.0
-- Trust sets: partner entries with their certificates and CRLs, code tables, card rules, byte for byte
-- as they were.  Kept as long as messages that were judged by them.

-- Contents, each once.
CREATE TABLE trust_files (
    digest bytea PRIMARY KEY,               -- SM3 of the raw bundle
    size   int NOT NULL,                    -- bytes of it
    files  bytea NOT NULL                   -- one zstd frame
);
ALTER TABLE trust_files ALTER COLUMN files SET STORAGE EXTERNAL;

-- What was to be in force, in the order of time.  Going back to old files is a new version, so that the
-- version of a partition only grows and a switch message that comes again does nothing.
CREATE TABLE trust_set (
    version int PRIMARY KEY CHECK (version > 0),
    digest  bytea NOT NULL REFERENCES trust_files,
    made    timestamptz NOT NULL DEFAULT now(),
    made_by text COLLATE "C" NOT NULL       -- which process
);

ALTER TABLE position ADD trust int NOT NULL DEFAULT 0;  -- version in force; 0 = none settled yet
ALTER TABLE message ADD trust int;                      -- incoming rows: version it was judged by
