-- Schema version 1. Never edit after a release: add 2.sql.
-- Times are seconds since the epoch; `digest` is SHA-256 over the other columns (digest.rs).

CREATE TABLE ca (
    position INTEGER PRIMARY KEY,           -- superior before subordinate
    id TEXT NOT NULL UNIQUE,
    superior TEXT REFERENCES ca (id),
    roles TEXT NOT NULL,                    -- names, separated by spaces
    brand TEXT,
    digest BLOB NOT NULL                    -- its certificates included
) STRICT;

CREATE TABLE ca_certificate (
    ca TEXT NOT NULL REFERENCES ca (id),
    place INTEGER NOT NULL,                 -- order within the CA
    key_use TEXT NOT NULL,
    key BLOB NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (ca, place)
) STRICT;

CREATE TABLE certificate (
    position INTEGER PRIMARY KEY,           -- the cursor of the inventory; rows are never deleted
    issuer TEXT NOT NULL,
    serial BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('intent', 'issued', 'revoked')),
    role TEXT NOT NULL,
    key_use TEXT NOT NULL,
    brand TEXT,
    subject TEXT NOT NULL,
    public_key BLOB NOT NULL,               -- once in the whole store, but for dead intents
    not_after INTEGER NOT NULL,
    request BLOB,                           -- NULL if no message asked for it
    recorded_at INTEGER NOT NULL,
    digest BLOB NOT NULL,                   -- without state, which follows from the rest
    tbs BLOB NOT NULL,
    der BLOB,                               -- NULL while only intended
    UNIQUE (serial, issuer)                 -- this way round it also finds a serial of any issuer
) STRICT;

CREATE INDEX certificate_public_key ON certificate (public_key);

-- One index per combination of filters; each ends in the position, so a page is read in order.
CREATE INDEX certificate_issuer ON certificate (issuer);
CREATE INDEX certificate_state ON certificate (state);
CREATE INDEX certificate_role ON certificate (role);
CREATE INDEX certificate_issuer_state ON certificate (issuer, state);
CREATE INDEX certificate_issuer_role ON certificate (issuer, role);
CREATE INDEX certificate_state_role ON certificate (state, role);
CREATE INDEX certificate_issuer_state_role ON certificate (issuer, state, role);

-- What a CRL is made from, without touching the certificates.
CREATE TABLE revocation (
    issuer TEXT NOT NULL,
    serial BLOB NOT NULL,
    not_after INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    reason INTEGER NOT NULL,                -- RFC 5280 5.3.1
    digest BLOB NOT NULL,
    PRIMARY KEY (issuer, serial),
    FOREIGN KEY (serial, issuer) REFERENCES certificate (serial, issuer)
) STRICT, WITHOUT ROWID;

CREATE TABLE registration (
    lid_ca BLOB PRIMARY KEY,
    lid_ee BLOB NOT NULL,
    ca TEXT NOT NULL,
    role TEXT NOT NULL,
    brand TEXT NOT NULL,
    state TEXT NOT NULL,
    request_type INTEGER,
    language TEXT,
    form_id INTEGER,                        -- unsigned 64 bits, stored as signed
    chall_ca BLOB,
    bin TEXT,
    pan_hash BLOB,
    pan_tail TEXT,
    refusal TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT;

CREATE TABLE answer (
    rrpid BLOB PRIMARY KEY,
    request BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    digest BLOB NOT NULL,
    octets BLOB NOT NULL
) STRICT;

CREATE INDEX answer_recorded_at ON answer (recorded_at);

CREATE TABLE list_number (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,                -- reserved last; unsigned 64 bits, stored as signed
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE published_list (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    digest BLOB NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT;
