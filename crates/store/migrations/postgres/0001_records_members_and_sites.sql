-- Milliseconds since the Unix epoch, as everywhere, by this server's clock: the one that all nodes share.
CREATE FUNCTION millis() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;

CREATE TABLE records (
    kind    smallint NOT NULL,
    digest  bytea    NOT NULL,
    value   bytea    NOT NULL,
    expires bigint   NOT NULL,
    PRIMARY KEY (kind, digest)
);
CREATE INDEX records_by_expiry ON records (kind, expires);

-- How many records there are of each kind, so that a cap costs no counting; in stripes, so that two inserts seldom
-- wait for one row.
CREATE TABLE tally (
    kind   smallint NOT NULL,
    stripe smallint NOT NULL,
    held   bigint   NOT NULL,
    PRIMARY KEY (kind, stripe)
) WITH (fillfactor = 50);
INSERT INTO tally SELECT kind, stripe, 0 FROM generate_series(0, 4) AS kind, generate_series(0, 31) AS stripe;

CREATE FUNCTION records_come() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tally SET held = held + those.n
    FROM (SELECT kind, get_byte(digest, 0) % 32 AS stripe, count(*) AS n FROM come GROUP BY 1, 2) AS those
    WHERE tally.kind = those.kind AND tally.stripe = those.stripe;
    RETURN NULL;
END $$;
CREATE TRIGGER records_come AFTER INSERT ON records REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION records_come();

CREATE FUNCTION records_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tally SET held = held - those.n
    FROM (SELECT kind, get_byte(digest, 0) % 32 AS stripe, count(*) AS n FROM gone GROUP BY 1, 2) AS those
    WHERE tally.kind = those.kind AND tally.stripe = those.stripe;
    RETURN NULL;
END $$;
CREATE TRIGGER records_go AFTER DELETE ON records REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION records_go();

-- Since when this history of the database surely remembers. Commits are synchronised, so a crash loses none; but a
-- standby that was promoted, or files that were put back while the server was down, may lack the last, and nothing in
-- such files tells. So every start of a server is another history.
CREATE TABLE fence (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    since   bigint  NOT NULL,
    history text    NOT NULL
);

-- The database's identity, its timeline, which a promotion or a recovery changes, and its start, told the same in every
-- time zone. Fails on a standby.
CREATE FUNCTION history() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT concat_ws('/',
        (SELECT system_identifier FROM pg_control_system()),
        substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
        extract(epoch FROM pg_postmaster_start_time()))
$$;

-- Every new connection raises the fence to now if the history is another one. The later of two clocks counts.
CREATE FUNCTION greet(callers_clock bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    here CONSTANT text   := history();
    now  CONSTANT bigint := greatest(millis(), callers_clock);
BEGIN
    IF EXISTS (SELECT 1 FROM fence WHERE history = here) THEN
        RETURN;
    END IF;
    INSERT INTO fence (since, history) VALUES (now, here)
    ON CONFLICT (one) DO UPDATE SET since = greatest(fence.since, now), history = here WHERE fence.history <> here;
END $$;

CREATE FUNCTION is_live(its_kind smallint, its_digest bytea) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT EXISTS (SELECT 1 FROM records WHERE kind = its_kind AND digest = its_digest AND expires > millis())
$$;

CREATE FUNCTION held(its_kind smallint) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT sum(held)::bigint FROM tally WHERE kind = its_kind
$$;

-- One at a time for each kind, until the end of the transaction. Whoever deletes many records touches many stripes.
CREATE FUNCTION alone(its_kind smallint) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock(1768844135, its_kind)
$$;

-- Deletes the records of a kind that expired first, at most so many of them, and says how many. Needs to be alone.
CREATE FUNCTION clear(its_kind smallint, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    cleared bigint;
BEGIN
    WITH old AS (
        SELECT digest FROM records WHERE kind = its_kind AND expires <= millis()
        ORDER BY expires LIMIT most FOR UPDATE SKIP LOCKED
    )
    DELETE FROM records USING old WHERE records.kind = its_kind AND records.digest = old.digest;
    GET DIAGNOSTICS cleared = ROW_COUNT;
    RETURN cleared;
END $$;

CREATE FUNCTION sweep(its_kind smallint, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM alone(its_kind);
    RETURN clear(its_kind, most);
END $$;

-- Far below the cap there is room for all who ask at once; near it they are asked one after the other.
CREATE FUNCTION has_room(its_kind smallint, cap bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF held(its_kind) + 1000 < cap THEN
        RETURN true;
    END IF;
    PERFORM alone(its_kind);
    RETURN held(its_kind) < cap OR clear(its_kind, 256) > 0;
END $$;

-- The verbs that have more than one way to end. `outcome`: 0 done, 1 conflict, 2 full, 3 not a counter.
CREATE FUNCTION insert_record(
    its_kind smallint, its_digest bytea, its_value bytea, life bigint, cap bigint, OUT outcome smallint, OUT since bigint
) LANGUAGE plpgsql AS $$
DECLARE
    now bigint;
BEGIN
    IF is_live(its_kind, its_digest) THEN
        outcome := 1;
        RETURN;
    END IF;
    IF NOT has_room(its_kind, cap) THEN
        outcome := CASE WHEN is_live(its_kind, its_digest) THEN 1 ELSE 2 END;
        RETURN;
    END IF;
    now := millis();
    INSERT INTO records (kind, digest, value, expires) VALUES (its_kind, its_digest, its_value, now + life)
    ON CONFLICT (kind, digest) DO UPDATE SET value = excluded.value, expires = excluded.expires
    WHERE records.expires <= now;
    outcome := CASE WHEN FOUND THEN 0 ELSE 1 END;
    SELECT fence.since INTO since FROM fence;
END $$;

-- A sum is kept as its digits.
CREATE FUNCTION is_sum(its_value bytea) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(its_value, 'escape') ~ '^(0|[1-9][0-9]{0,18})$'
$$;

CREATE FUNCTION one_more(its_value bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT convert_to((least(encode(its_value, 'escape')::numeric, 9223372036854775806) + 1)::text, 'SQL_ASCII')
$$;

-- Not synchronised: a crash may take the last second of a count, and the next attempt need not wait for a disk.
CREATE FUNCTION increment_record(
    its_kind smallint, its_digest bytea, life bigint, cap bigint, OUT outcome smallint, OUT total bigint
) LANGUAGE plpgsql AS $$
DECLARE
    now bigint;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    IF NOT is_live(its_kind, its_digest) AND NOT has_room(its_kind, cap) AND NOT is_live(its_kind, its_digest) THEN
        outcome := 2;
        RETURN;
    END IF;
    now := millis();
    INSERT INTO records AS held (kind, digest, value, expires) VALUES (its_kind, its_digest, '1', now + life)
    ON CONFLICT (kind, digest) DO UPDATE SET
        value = CASE WHEN held.expires <= now THEN '1' ELSE one_more(held.value) END,
        expires = CASE WHEN held.expires <= now THEN excluded.expires ELSE held.expires END
    WHERE held.expires <= now OR is_sum(held.value)
    RETURNING encode(value, 'escape')::bigint INTO total;
    outcome := CASE WHEN FOUND THEN 0 ELSE 3 END;
END $$;

-- An identity never gives a number twice: a session of a removed member must not become another's.
CREATE TABLE members (
    id        bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email     text    NOT NULL,
    canonical text    NOT NULL UNIQUE,
    name      text    NOT NULL,
    password  text,
    disabled  boolean NOT NULL DEFAULT false,
    epoch     bigint  NOT NULL DEFAULT 0,
    created   bigint  NOT NULL DEFAULT millis()
);

-- Whoever adds a member meanwhile waits, and is waited for.
CREATE FUNCTION add_first_member(its_email text, its_canonical text, its_name text, its_password text)
RETURNS SETOF members LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE members IN SHARE ROW EXCLUSIVE MODE;
    RETURN QUERY
        INSERT INTO members (email, canonical, name, password)
        SELECT its_email, its_canonical, its_name, its_password
        WHERE NOT EXISTS (SELECT 1 FROM members) RETURNING *;
END $$;

-- Sites that use the captcha. Of a secret only its SHA-256 is kept.
CREATE TABLE sites (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text   NOT NULL UNIQUE,
    key           text   NOT NULL UNIQUE,
    secret        bytea  NOT NULL,
    retired       bytea,              -- the secret before this one …
    retired_until bigint,             -- … and until when it is good
    hosts         text[] NOT NULL,
    presets       text[] NOT NULL,
    actions       text[] NOT NULL,
    created       bigint NOT NULL DEFAULT millis()
);
