-- SPDX-License-Identifier: Apache-2.0
-- The hash chain behind each settled message, its signed heads, and what is left of it where a day was
-- dropped (docs/EVIDENCE.md).

ALTER TABLE message ADD chain bytea;    -- incoming rows: head of the partition's chain behind this message
ALTER TABLE message ALTER COLUMN chain SET STORAGE EXTERNAL;
COMMENT ON COLUMN history.chain IS 'head of the chain behind the message that made this row';

-- Signed heads: each document names the heads of all partitions and the digest of the one before.
CREATE TABLE seal (
    number    int PRIMARY KEY CHECK (number > 0),
    made      timestamptz NOT NULL,
    digest    bytea NOT NULL,           -- SM3 of document
    document  bytea NOT NULL,           -- signed XML
    token     bytea,                    -- RFC 3161 reply to its SHA-256, where a time-stamping service is used
    published boolean NOT NULL DEFAULT false
);

-- Heads that outlive the rows they were made of.
CREATE TABLE chain_head (
    topic smallint,
    part  int,
    off   bigint,                       -- of all messages below this offset
    seq   bigint NOT NULL,              -- last number in history then
    chain bytea NOT NULL,
    seal  int REFERENCES seal,          -- first one that names it; null: a border only
    PRIMARY KEY (topic, part, off)
);
-- What was settled before chains were kept for each message hangs on these.
INSERT INTO chain_head (topic, part, off, seq, chain)
SELECT topic, part, next_off, seq, chain FROM position WHERE last_off IS NOT NULL;
