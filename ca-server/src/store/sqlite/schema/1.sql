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
    thumbprint BLOB NOT NULL,               -- digest of tbs, of the hierarchy's suite
    not_after INTEGER NOT NULL,
    request BLOB,                           -- NULL if no message asked for it
    renews BLOB,                            -- serial of the same issuer; NULL unless a renewal
    recorded_at INTEGER NOT NULL,
    digest BLOB NOT NULL,                   -- without state, which follows from the rest
    tbs BLOB,                               -- NULL once der repeats it
    der BLOB,                               -- NULL while only intended
    UNIQUE (serial, issuer)                 -- this way round it also finds a serial of any issuer
) STRICT;

CREATE INDEX certificate_public_key ON certificate (public_key);
CREATE INDEX certificate_thumbprint ON certificate (thumbprint);
CREATE INDEX certificate_renews ON certificate (issuer, renews) WHERE renews IS NOT NULL;

-- One index per combination of filters; each ends in the position, so a page is read in order.
CREATE INDEX certificate_issuer ON certificate (issuer);
CREATE INDEX certificate_state ON certificate (state);
CREATE INDEX certificate_role ON certificate (role);
CREATE INDEX certificate_issuer_state ON certificate (issuer, state);
CREATE INDEX certificate_issuer_role ON certificate (issuer, role);
CREATE INDEX certificate_state_role ON certificate (state, role);
CREATE INDEX certificate_issuer_state_role ON certificate (issuer, state, role);

-- How every serial stands, read in this order when the service starts; covers the query.
CREATE INDEX certificate_standing ON certificate (issuer, serial, state);

-- The feed: which certificate an act has touched. Only the first rows are deleted, never the last
-- one, so positions have no gaps and go on.
CREATE TABLE change (
    position INTEGER PRIMARY KEY,
    certificate INTEGER NOT NULL REFERENCES certificate (position)
) STRICT;

-- What a CRL is made from, without touching the certificates.
CREATE TABLE revocation (
    issuer TEXT NOT NULL,
    serial BLOB NOT NULL,
    not_after INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    reason INTEGER NOT NULL,                -- RFC 5280 5.3.1
    invalid_since INTEGER,                  -- invalidityDate; NULL if not said
    digest BLOB NOT NULL,
    PRIMARY KEY (issuer, serial),
    FOREIGN KEY (serial, issuer) REFERENCES certificate (serial, issuer)
) STRICT, WITHOUT ROWID;

CREATE TABLE registration (
    position INTEGER PRIMARY KEY,           -- the cursor of the list; rows are never deleted
    lid_ca BLOB NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
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
    business_id TEXT,
    pan_hash BLOB,
    pan_tail TEXT,
    status INTEGER,
    refusal TEXT,
    message TEXT,
    signers BLOB NOT NULL,                  -- a list (columns.rs)
    open_request BLOB,                      -- its keys are in key_claim
    sealed BLOB,                            -- ciphertext
    decided_by TEXT,
    decided_approved INTEGER,
    decided_at INTEGER,
    collect_by INTEGER,                     -- sealed waits for the end entity until then
    issued BLOB NOT NULL,                   -- a list of serials
    peer_error INTEGER,
    peer_error_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT;

CREATE INDEX registration_state ON registration (state);
CREATE INDEX registration_brand_state ON registration (brand, state);
-- What is to be forgotten.
CREATE INDEX registration_sealed ON registration (updated_at)
    WHERE sealed IS NOT NULL AND open_request IS NULL;

-- In which registration a certificate was issued: found by it, checked against the registration.
CREATE TABLE registration_certificate (
    serial BLOB NOT NULL,
    ca TEXT NOT NULL,
    lid_ca BLOB NOT NULL REFERENCES registration (lid_ca),
    PRIMARY KEY (serial, ca)
) STRICT, WITHOUT ROWID;

-- Keys of open requests.
CREATE TABLE key_claim (
    public_key BLOB PRIMARY KEY,
    lid_ca BLOB NOT NULL REFERENCES registration (lid_ca),
    place INTEGER NOT NULL,                 -- order within the request
    request BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX key_claim_lid_ca ON key_claim (lid_ca);

CREATE TABLE answer (
    rrpid BLOB PRIMARY KEY,
    request BLOB NOT NULL,
    lid_ca BLOB NOT NULL,
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
    len INTEGER NOT NULL,                   -- octets of all parts
    content BLOB NOT NULL,                  -- SHA-256 of parts
    digest BLOB NOT NULL,                   -- of content instead of parts
    parts BLOB NOT NULL,                    -- digests in list_part, 32 octets each, in order
    PRIMARY KEY (kind, name)
) STRICT;

-- What lists are made of: a list shares with the one before whatever has not changed.
CREATE TABLE list_part (
    digest BLOB PRIMARY KEY,                -- SHA-256 of octets
    uses INTEGER NOT NULL CHECK (uses > 0), -- how often lists name it
    octets BLOB NOT NULL
) STRICT;
