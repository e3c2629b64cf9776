-- That somebody had a dead letter handled once more: one row for each try, written before the owner is
-- asked. What the letter did is in the owner's database.
CREATE TABLE letter_try (
    id        uuid        PRIMARY KEY,
    -- Which letter: its number in the stream, and its time there, because numbers begin anew with a
    -- stream that was lost.
    sequence  bigint      NOT NULL,
    parked_at timestamptz NOT NULL,
    -- The user.
    asked_by  uuid        NOT NULL,
    asked_at  timestamptz NOT NULL,
    outcome   text        NOT NULL CHECK (outcome IN ('done', 'already_done', 'refused', 'unknown')),
    reason    text
);

CREATE INDEX letter_try_of_letter ON letter_try (sequence, parked_at);
CREATE INDEX letter_try_asked ON letter_try (asked_at);
