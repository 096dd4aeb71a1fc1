-- Used marks. They may be lost in a power cut, which the fence then tells.

CREATE TABLE records (
    kind    INTEGER NOT NULL,
    digest  BLOB    NOT NULL,
    value   BLOB    NOT NULL,
    expires INTEGER NOT NULL, -- milliseconds since the Unix epoch, as everywhere
    PRIMARY KEY (kind, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX records_by_expiry ON records (kind, expires);

CREATE TABLE tally (kind INTEGER PRIMARY KEY, held INTEGER NOT NULL) STRICT;
INSERT INTO tally VALUES (0, 0);
CREATE TRIGGER records_come AFTER INSERT ON records BEGIN
    UPDATE tally SET held = held + 1 WHERE kind = NEW.kind;
END;
CREATE TRIGGER records_go AFTER DELETE ON records BEGIN
    UPDATE tally SET held = held - 1 WHERE kind = OLD.kind;
END;

-- One row. A file that nobody has opened yet did not end cleanly, so its first opener raises the fence to that moment.
CREATE TABLE fence (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    since INTEGER NOT NULL,
    clean INTEGER NOT NULL,
    owner BLOB    NOT NULL
) STRICT;
INSERT INTO fence VALUES (1, 0, 0, x'');
