-- Whole reports of a host's API, so that any moment can be shown again. `stream`: one an API of a host.
CREATE TABLE stream (id INTEGER PRIMARY KEY, host TEXT NOT NULL, api TEXT NOT NULL, UNIQUE (host, api)) STRICT;

-- `whole`: the frame by whose text this one is told; NULL where it stands by itself.
CREATE TABLE frame (
    id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, at INTEGER NOT NULL, whole INTEGER, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX frame_place ON frame (stream, at);
CREATE INDEX frame_whole ON frame (stream, at) WHERE whole IS NULL;
