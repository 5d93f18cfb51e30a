-- Bodies as in layout 3. Messages to channels: one that waits has no `outcome`. `queued` is when it was first wanted.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY, message TEXT NOT NULL, channel TEXT NOT NULL, queued INTEGER NOT NULL, outcome TEXT,
    body BLOB NOT NULL
) STRICT;

-- What a channel knows of an incident. Both empty: what goes on beside them.
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY, channel TEXT NOT NULL, incident TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX ledger_place ON ledger (channel, incident);
