-- One row: the newest time that the log has told, where that is ahead of this database's own clock.
-- It is kept when what the log said is forgotten to be read again: what is read then is old, and
-- nobody who asks to be told meanwhile is told of it.
CREATE TABLE notify_newest (
    only_one boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
    at       timestamptz NOT NULL
);

INSERT INTO notify_newest (at) SELECT greatest(now(), max(at)) FROM seen_order;
