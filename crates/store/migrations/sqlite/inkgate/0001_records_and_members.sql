-- What must survive a power cut: every commit to this file is synchronised.

-- Since when this file exists.
CREATE TABLE origin (created INTEGER NOT NULL) STRICT;
INSERT INTO origin VALUES (CAST(1000 * unixepoch('subsec') AS INTEGER));

CREATE TABLE records (
    kind    INTEGER NOT NULL,
    digest  BLOB    NOT NULL,
    value   BLOB    NOT NULL,
    expires INTEGER NOT NULL, -- milliseconds since the Unix epoch, as everywhere
    PRIMARY KEY (kind, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX records_by_expiry ON records (kind, expires);

-- How many records there are of each kind, so that a cap costs no counting.
CREATE TABLE tally (kind INTEGER PRIMARY KEY, held INTEGER NOT NULL) STRICT;
INSERT INTO tally VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0);
CREATE TRIGGER records_come AFTER INSERT ON records BEGIN
    UPDATE tally SET held = held + 1 WHERE kind = NEW.kind;
END;
CREATE TRIGGER records_go AFTER DELETE ON records BEGIN
    UPDATE tally SET held = held - 1 WHERE kind = OLD.kind;
END;

-- AUTOINCREMENT never gives a number twice: a session of a removed member must not become another's.
CREATE TABLE members (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    email     TEXT    NOT NULL,
    canonical TEXT    NOT NULL UNIQUE,
    name      TEXT    NOT NULL,
    password  TEXT,
    disabled  INTEGER NOT NULL DEFAULT 0,
    epoch     INTEGER NOT NULL DEFAULT 0,
    created   INTEGER NOT NULL
) STRICT;
