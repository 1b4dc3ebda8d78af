-- Schema version 3: the inventory is searched.

-- Which certificates have a word in their subject (words.rs fills it); checked against the subject.
CREATE TABLE subject_word (
    word TEXT NOT NULL,
    certificate INTEGER NOT NULL,           -- its position
    PRIMARY KEY (word, certificate)
) STRICT, WITHOUT ROWID;

-- One index per filter that may find rows (search.rs); each ends in the position. Nearly all
-- certificates are issued: nobody finds any by that.
DROP INDEX certificate_state;
DROP INDEX certificate_issuer_state;
DROP INDEX certificate_state_role;
DROP INDEX certificate_issuer_state_role;
CREATE INDEX certificate_unlike_issued ON certificate (state) WHERE state <> 'issued';
CREATE INDEX certificate_issuer_unlike_issued ON certificate (issuer, state)
    WHERE state <> 'issued';
CREATE INDEX certificate_brand ON certificate (brand);

-- What expires, in that order.
CREATE INDEX certificate_not_after ON certificate (not_after);
