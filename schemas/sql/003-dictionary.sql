-- SPDX-License-Identifier: Apache-2.0
-- Dictionaries of the archive: what the payloads of one root element have in common.  message.dict names the
-- one a frame was made with.  Made of messages of this very database: the same care is due to them.
CREATE TABLE dictionary (
    id      smallint PRIMARY KEY CHECK (id > 0),  -- never given twice
    type    text COLLATE "C" NOT NULL,            -- local name of the root element
    bytes   bytea NOT NULL,                       -- as zstd trained it
    samples int NOT NULL,                         -- messages it was trained with
    before  bigint NOT NULL,                      -- bytes of other messages as they were packed before,
    after   bigint NOT NULL,                      -- and with it
    made    timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE dictionary ALTER COLUMN bytes SET STORAGE EXTERNAL;
