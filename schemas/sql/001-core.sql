-- SPDX-License-Identifier: Apache-2.0
-- The tables of the engine.  Nobody writes here by hand: operators act by signed messages.
-- Needs PostgreSQL 15 built with lz4.  Days are UTC.

-- Names of Kafka topics, in and out, as small numbers.
CREATE TABLE topic (
    id   smallint PRIMARY KEY CHECK (id > 0),
    name text COLLATE "C" NOT NULL UNIQUE
);

-- Every slot ever given.  A slot is the residue of a partition's serial numbers (GN-01, GN-02): given
-- once, never again, not even to the same partition; so rows here are never deleted.
CREATE TABLE slot (
    slot  int PRIMARY KEY CHECK (slot BETWEEN 1 AND 1000),
    topic smallint NOT NULL,
    part  int NOT NULL,
    given timestamptz NOT NULL DEFAULT now()
);

-- One hot row a partition: the room of fillfactor 10 and short transactions keep its updates HOT.
-- Rows are made by provisioning with an explicit start offset, never by an engine.
CREATE TABLE position (
    topic       smallint,
    part        int,
    slot        int NOT NULL UNIQUE,
    next_off    bigint NOT NULL,            -- P: next input offset to settle
    epoch       bigint NOT NULL DEFAULT 0,  -- the fence
    owner       text,                       -- who holds it; set = not handed over cleanly
    relayed     bigint NOT NULL,            -- lower bound of K, the offset below which all is published
    relayed_day date NOT NULL,
    reapply_to  bigint,                     -- set by recovery only, when K > P
    clock       timestamptz NOT NULL,       -- newest record time seen
    rules       int NOT NULL,               -- rule version in force
    seq         bigint NOT NULL DEFAULT 0,  -- last number in history
    chain       bytea NOT NULL,             -- head of the hash chain
    serial      jsonb NOT NULL DEFAULT '{}',-- counters of serial numbers
    last_off    bigint,                     -- last settled record: detects a truncated or recreated log
    last_hash   bytea,
    suspect     bigint,                     -- a message that may kill, and how often it was begun
    tries       int NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, part)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Which messages were settled, and where: leads to the original receipt (MS-02).
CREATE TABLE inbox (
    sender text COLLATE "C",
    msgid  text COLLATE "C",
    digest bytea NOT NULL,
    day    date NOT NULL,
    topic  smallint NOT NULL,
    part   int NOT NULL,
    off    bigint NOT NULL,
    PRIMARY KEY (sender, msgid)
);

-- Every business document and claim, of whatever kind.  topic, part, off: its last writer.
CREATE TABLE record (
    kind    text COLLATE "C",
    key     text COLLATE "C",
    owner   text COLLATE "C" NOT NULL,
    state   text COLLATE "C" NOT NULL,
    version int NOT NULL,
    body    jsonb COMPRESSION lz4 NOT NULL,
    due     timestamptz,
    topic   smallint NOT NULL,
    part    int NOT NULL,
    off     bigint NOT NULL,
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 80);
CREATE INDEX record_owner ON record (owner, kind);

-- Every version a record ever had.  The unique key guards every write of a record: a stale or racing
-- writer brings a version that is already here.
CREATE TABLE history (
    topic      smallint,
    part       int,
    seq        bigint,
    off        bigint NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    key        text COLLATE "C" NOT NULL,
    version    int NOT NULL,
    state_from text COLLATE "C",
    state_to   text COLLATE "C" NOT NULL,
    event      text COLLATE "C" NOT NULL,
    "row"      text COLLATE "C",            -- id of the transition row that fired
    actor      text,
    at         timestamptz NOT NULL,
    chain      bytea NOT NULL,
    PRIMARY KEY (topic, part, seq),
    UNIQUE (kind, key, version)
);

-- Archive of both directions and outbox: written once, never updated, dropped a day at a time.
-- The key begins with the topic, not with the day: a partition holds one day anyhow, and so the
-- outgoing rows of a range of offsets are one range of the index.
CREATE TABLE message (
    day     date,
    topic   smallint,
    part    int,
    off     bigint,
    idx     smallint,                       -- 0 = incoming, 1.. = outgoing
    dest    smallint,                       -- topic it goes to
    key     bytea,
    header  json,                           -- json, not jsonb: the text comes back as it went in
    dict    smallint NOT NULL,              -- dictionary of the zstd frame, 0 = none
    payload bytea,                          -- one zstd frame
    digest  bytea NOT NULL,                 -- SM3 of the raw payload
    at      timestamptz NOT NULL,
    verdict text COLLATE "C",               -- incoming rows: outcome, rule version, foreign reads
    rules   int,
    reads   jsonb,
    PRIMARY KEY (topic, part, off, idx, day)
) PARTITION BY RANGE (day);
-- What is compressed already is not worth a try.
ALTER TABLE message ALTER COLUMN payload SET STORAGE EXTERNAL,
                    ALTER COLUMN header SET STORAGE EXTERNAL,
                    ALTER COLUMN key SET STORAGE EXTERNAL,
                    ALTER COLUMN digest SET STORAGE EXTERNAL,
                    ALTER COLUMN reads SET STORAGE EXTERNAL;

-- The partition of a day.  Made apart and attached: that lock lets readers and writers go on.
CREATE FUNCTION message_day(day date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    name text := 'message_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- A table lock, not an advisory one: only it makes this session see what others made meanwhile.
    LOCK TABLE message IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE message INCLUDING ALL) WITH (toast_tuple_target = 4080)', name);
    EXECUTE format('ALTER TABLE message ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   name, day, day + 1);
    RETURN true;
END $$;

-- Checkpoint declarations with real columns, for people with psql (CK-H01..H18).
CREATE VIEW checkpoint_declaration AS
SELECT key AS data_center_no,
       body->>'tripNo' AS trip_no,
       body->>'customsCode' AS customs_code,
       state,
       body->>'entryTime' AS entry_date,
       body->>'declareTime' AS declare_time,
       body->>'uscc' AS credit_code,
       owner AS org_code,
       body->>'enterpriseName' AS enterprise_name,
       body->>'operator' AS operator,
       body->>'bindMediumType' AS bind_medium_type,
       body->>'bindMediumInfo' AS bind_medium_info,
       body->>'businessType' AS business_type,
       body->>'transportMode' AS transport_mode,
       body->>'ieFlag' AS ie_flag,
       body->>'passType' AS pass_type,
       body->>'vehicleWeight' AS vehicle_weight,
       body->>'trailerWeight' AS trailer_weight,
       body->>'containerWeight' AS container_weight,
       body->>'remark' AS remark,
       version, topic, part, off
  FROM record
 WHERE kind = 'checkpoint';
