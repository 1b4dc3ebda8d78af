-- Schema version 1. Never edit after a release: add 2.sql.
-- Times are seconds since the epoch; `digest` is SHA-256 over the other columns (store/digest.rs).
-- What is issued is never changed afterwards: an update of an indexed row costs as much as a new
-- one. So a certificate is one row when it is intended and another when it is issued.

-- One row, which whoever writes locks first: acts come one after another, whichever process does
-- them, and positions have no gaps and become visible in their order.
CREATE TABLE head (
    id bigint PRIMARY KEY CHECK (id = 0),
    ca bigint NOT NULL,                     -- positions given last
    certificate bigint NOT NULL,
    change bigint NOT NULL,
    registration bigint NOT NULL,
    audit bigint NOT NULL,                  -- entries in the audit log
    frontier bytea NOT NULL,                -- roots of its whole subtrees, from the left
    digest bytea NOT NULL
);

-- The transaction that each process committed last: how it learns the end of one whose answer was
-- lost.
CREATE TABLE writer (
    id bytea PRIMARY KEY,
    batch bigint NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ca (
    position bigint PRIMARY KEY,            -- superior before subordinate
    id text NOT NULL UNIQUE,
    superior text,
    roles text NOT NULL,                    -- names, separated by spaces
    brand text,
    digest bytea NOT NULL                   -- its certificates included
);

CREATE TABLE ca_certificate (
    ca text NOT NULL,
    place bigint NOT NULL,                  -- order within the CA
    key_use text NOT NULL,
    key bytea NOT NULL,
    der bytea NOT NULL,
    PRIMARY KEY (ca, place)
);

CREATE TABLE certificate (
    position bigint PRIMARY KEY,            -- the cursor of the inventory; rows are never deleted
    issuer text COLLATE "C" NOT NULL,
    serial bytea NOT NULL,
    role text NOT NULL,
    key_use text NOT NULL,
    brand text,
    subject text NOT NULL,
    public_key bytea NOT NULL,              -- once in the whole store, but for dead intents
    thumbprint bytea NOT NULL,              -- digest of tbs, of the hierarchy's suite
    not_after bigint NOT NULL,
    request bytea,                          -- NULL if no message asked for it
    renews bytea,                           -- serial of the same issuer; NULL unless a renewal
    recorded_at bigint NOT NULL,
    digest bytea NOT NULL,
    tbs bytea NOT NULL,
    UNIQUE (serial, issuer)                 -- this way round it also finds a serial of any issuer
);

CREATE INDEX certificate_public_key ON certificate (public_key);
CREATE INDEX certificate_thumbprint ON certificate (thumbprint);
CREATE INDEX certificate_renews ON certificate (issuer, renews) WHERE renews IS NOT NULL;
-- One index per filter that may find rows (search.rs); each ends in the position.
CREATE INDEX certificate_issuer ON certificate (issuer, position);
CREATE INDEX certificate_role ON certificate (role, position);
CREATE INDEX certificate_issuer_role ON certificate (issuer, role, position);
CREATE INDEX certificate_brand ON certificate (brand, position);
-- What expires, in that order.
CREATE INDEX certificate_not_after ON certificate (not_after, position);
-- How every serial stands, read in this order when the service starts.
CREATE INDEX certificate_standing ON certificate (issuer, serial, position);

-- What was issued: the octets of the certificate before and after its tbs, if it repeats that; all
-- of them, and no `rest`, if not.
CREATE TABLE issued (
    position bigint PRIMARY KEY,
    octets bytea NOT NULL,
    rest bytea,
    digest bytea NOT NULL
);

-- How certificates stand that are not simply issued.
CREATE TABLE certificate_state (
    position bigint PRIMARY KEY,
    issuer text COLLATE "C" NOT NULL,
    state text NOT NULL CHECK (state IN ('intent', 'revoked'))
);

CREATE INDEX certificate_state_state ON certificate_state (state, position);
CREATE INDEX certificate_state_issuer_state ON certificate_state (issuer, state, position);

-- Which certificates have a word in their subject; checked against the subject.
CREATE TABLE subject_word (
    word text COLLATE "C" NOT NULL,
    certificate bigint NOT NULL,            -- its position
    PRIMARY KEY (word, certificate)
);

-- The feed: which certificate an act has touched. Only the first rows are deleted, never the last
-- one.
CREATE TABLE change (
    position bigint PRIMARY KEY,
    certificate bigint NOT NULL
);

-- What a CRL is made from, without touching the certificates.
CREATE TABLE revocation (
    issuer text COLLATE "C" NOT NULL,
    serial bytea NOT NULL,
    not_after bigint NOT NULL,
    revoked_at bigint NOT NULL,
    reason bigint NOT NULL,                 -- RFC 5280 5.3.1
    invalid_since bigint,                   -- invalidityDate; NULL if not said
    digest bytea NOT NULL,
    PRIMARY KEY (issuer, serial)
);

CREATE TABLE registration (
    position bigint PRIMARY KEY,            -- the cursor of the list; rows are never deleted
    lid_ca bytea NOT NULL UNIQUE,
    revision bigint NOT NULL,
    lid_ee bytea NOT NULL,
    ca text NOT NULL,
    role text NOT NULL,
    brand text NOT NULL,
    state text NOT NULL,
    request_type bigint,
    language text,
    form_id bigint,                         -- unsigned 64 bits, stored as signed
    chall_ca bytea,
    bin text,
    business_id text,
    pan_hash bytea,
    pan_tail text,
    status bigint,
    refusal text,
    message text,
    signers bytea NOT NULL,                 -- a list (store/columns.rs)
    open_request bytea,                     -- its keys are in key_claim
    sealed bytea,                           -- ciphertext
    decided_by text,
    decided_approved bigint,
    decided_at bigint,
    collect_by bigint,                      -- sealed waits for the end entity until then
    issued bytea NOT NULL,                  -- a list of serials
    peer_error bigint,
    peer_error_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    digest bytea NOT NULL
);

CREATE INDEX registration_state ON registration (state, position);
CREATE INDEX registration_brand_state ON registration (brand, state, position);
-- What is to be forgotten.
CREATE INDEX registration_sealed ON registration (updated_at)
    WHERE sealed IS NOT NULL AND open_request IS NULL;

-- In which registration a certificate was issued: found by it, checked against the registration.
CREATE TABLE registration_certificate (
    serial bytea NOT NULL,
    ca text NOT NULL,
    lid_ca bytea NOT NULL,
    PRIMARY KEY (serial, ca)
);

-- Keys of open requests.
CREATE TABLE key_claim (
    public_key bytea PRIMARY KEY,
    lid_ca bytea NOT NULL,
    place bigint NOT NULL,                  -- order within the request
    request bytea NOT NULL
);

CREATE INDEX key_claim_lid_ca ON key_claim (lid_ca);

CREATE TABLE answer (
    rrpid bytea PRIMARY KEY,
    request bytea NOT NULL,
    lid_ca bytea NOT NULL,
    recorded_at bigint NOT NULL,
    digest bytea NOT NULL,
    octets bytea NOT NULL
);

CREATE INDEX answer_recorded_at ON answer (recorded_at);

CREATE TABLE list_number (
    kind text NOT NULL,
    name text NOT NULL,
    number bigint NOT NULL,                 -- reserved last; unsigned 64 bits, stored as signed
    PRIMARY KEY (kind, name)
);

CREATE TABLE published_list (
    kind text NOT NULL,
    name text NOT NULL,
    number bigint NOT NULL,
    this_update bigint NOT NULL,
    next_update bigint NOT NULL,
    len bigint NOT NULL,                    -- octets of all parts
    content bytea NOT NULL,                 -- SHA-256 of parts
    digest bytea NOT NULL,                  -- of content instead of parts
    parts bytea NOT NULL,                   -- digests in list_part, 32 octets each, in order
    PRIMARY KEY (kind, name)
);

-- What lists are made of: a list shares with the one before whatever has not changed.
CREATE TABLE list_part (
    digest bytea PRIMARY KEY,               -- SHA-256 of octets
    uses bigint NOT NULL CHECK (uses > 0),  -- how often lists name it
    octets bytea NOT NULL
);

-- What was done, by whom: lines that are never changed, and the tree above them (RFC 6962 2.1).
CREATE TABLE audit (
    position bigint PRIMARY KEY,            -- from 0, without gaps
    mark bytea NOT NULL,                    -- SHA-256 of position and hash of the leaf
    line text NOT NULL
);

-- The whole subtrees; those of one line are not kept.
CREATE TABLE audit_node (
    level bigint NOT NULL CHECK (level > 0),
    place bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, place)
);

CREATE TABLE audit_checkpoint (
    size bigint PRIMARY KEY,
    note text NOT NULL                      -- a signed note
);
