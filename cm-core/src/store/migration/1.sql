-- Moments are milliseconds since 1970, UTC, in all tables.
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Who may write. `until` is by the clock that counts from the start of the machine, `boot` says which start.
CREATE TABLE lease (
    one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, holder TEXT NOT NULL,
    boot TEXT NOT NULL, until INTEGER NOT NULL
) STRICT;
INSERT INTO lease VALUES (1, 0, '', '', 0);

-- `grp`: the series that share chunks. `lifelong`: 1 where hours are kept for ever as well.
CREATE TABLE series (
    id INTEGER PRIMARY KEY, grp INTEGER NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL, metric TEXT NOT NULL,
    number INTEGER NOT NULL, unit TEXT NOT NULL, lifelong INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_key ON series (entity, subject, metric);
CREATE INDEX series_grp ON series (grp);

-- Which drive was in which host, under which name, from when on.
CREATE TABLE seat (
    id INTEGER PRIMARY KEY, entity TEXT NOT NULL, host TEXT NOT NULL, name TEXT NOT NULL, since INTEGER NOT NULL
) STRICT;
CREATE INDEX seat_entity ON seat (entity, since);

-- Recent samples, a row a commit.
CREATE TABLE batch (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, body BLOB NOT NULL) STRICT;

-- Sealed samples (step 0: an hour) and roll-ups (1: a day of minutes, 2: 32 days of hours, 3: 1,024 days of days).
-- `settled`: 1 once the roll-ups tell of it. `first`: when its first row begins.
CREATE TABLE chunk (
    id INTEGER PRIMARY KEY, step INTEGER NOT NULL, grp INTEGER NOT NULL, start INTEGER NOT NULL,
    first INTEGER NOT NULL, settled INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX chunk_place ON chunk (step, grp, start);
CREATE INDEX chunk_unsettled ON chunk (start, grp) WHERE settled = 0;

-- Words of hosts, where they changed.
CREATE TABLE said (
    id INTEGER PRIMARY KEY, entity TEXT NOT NULL, subject TEXT NOT NULL, what TEXT NOT NULL, at INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX said_place ON said (entity, subject, what, at);

-- How hosts answered, where it changed.
CREATE TABLE link (id INTEGER PRIMARY KEY, host TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
CREATE INDEX link_place ON link (host, at);

-- Backup runs, each once.
CREATE TABLE backup_run (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, job TEXT NOT NULL, start INTEGER NOT NULL, duration_s REAL,
    result TEXT NOT NULL, size_gb REAL, stored_gb REAL, message TEXT
) STRICT;
CREATE UNIQUE INDEX backup_run_place ON backup_run (host, job, start);
