-- Bodies are JSON between a byte of format and a checksum.

-- What rules follow: a key as JSON, with the time that was seen to pass on it; `key` is empty for what goes on beside them.
CREATE TABLE followed (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX followed_key ON followed (key);

-- Incidents. `fired`: NULL while one is pending; `ended`: NULL while it is open, and open ones never expire.
-- `evidence`: JSON, packed; empty where none was collected.
CREATE TABLE incident (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, rule TEXT NOT NULL, host TEXT, subject TEXT NOT NULL,
    severity TEXT NOT NULL, since INTEGER NOT NULL, fired INTEGER, ended INTEGER, body BLOB NOT NULL, evidence BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX incident_name ON incident (name);
CREATE INDEX incident_open ON incident (name) WHERE ended IS NULL;
CREATE INDEX incident_ended ON incident (ended) WHERE ended IS NOT NULL;

-- What changed of incidents that fired, numbered through all of them.
CREATE TABLE transition (
    id INTEGER PRIMARY KEY, incident TEXT NOT NULL, at INTEGER NOT NULL, change TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX transition_incident ON transition (incident, id);

-- Silences, maintenance and accepted faults.
CREATE TABLE act (
    id INTEGER PRIMARY KEY, deed TEXT NOT NULL, at INTEGER NOT NULL, ended INTEGER, body BLOB NOT NULL
) STRICT;
CREATE INDEX act_open ON act (id) WHERE ended IS NULL;

-- What is asked for from programs that do not judge; `answer` is empty while it waits.
CREATE TABLE request (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL, answer BLOB NOT NULL) STRICT;
CREATE INDEX request_waiting ON request (id) WHERE answer = x'';
