-- Schema version 2: the audit log.

-- What was done, by whom: lines that are never changed, and the tree above them (RFC 6962 2.1).
CREATE TABLE audit (
    position INTEGER PRIMARY KEY,           -- from 0, without gaps
    mark BLOB NOT NULL,                     -- SHA-256 of position and hash of the leaf
    line TEXT NOT NULL
) STRICT;

-- The whole subtrees; those of one line are not kept.
CREATE TABLE audit_node (
    level INTEGER NOT NULL CHECK (level > 0),
    place INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_checkpoint (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL                      -- a signed note
) STRICT;
