-- Sites that use the captcha. Of a secret only its SHA-256 is kept; a list is one entry a line.
CREATE TABLE sites (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT    NOT NULL UNIQUE,
    key            TEXT    NOT NULL UNIQUE,
    secret         BLOB    NOT NULL,
    retired        BLOB,              -- the secret before this one …
    retired_until  INTEGER,           -- … and until when it is good
    hosts          TEXT    NOT NULL,
    presets        TEXT    NOT NULL,
    actions        TEXT    NOT NULL,
    created        INTEGER NOT NULL
) STRICT;
