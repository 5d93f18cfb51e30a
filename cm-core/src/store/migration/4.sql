-- Acts, each sealed under its key and linked to the one before it. `through`, `base`: where acts were forgotten, up to
-- which and on which link the rest stands.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, program TEXT NOT NULL, what TEXT NOT NULL,
    why TEXT NOT NULL, through INTEGER, base TEXT, tag BLOB NOT NULL, link BLOB NOT NULL
) STRICT;
