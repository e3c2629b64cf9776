-- What the scheduler has heard of each branch: its hours, in its time zone. The owner is inventory.
CREATE TABLE branch (
    id        text    NOT NULL PRIMARY KEY,
    -- The newest version heard of.
    version   bigint  NOT NULL,
    -- Of the IANA database, such as Europe/Berlin.
    time_zone text    NOT NULL,
    -- As in the messages: {"mon": {"open": "07:00", "close": "18:00"}, ...}.
    hours     jsonb   NOT NULL,
    -- True while it is closed by hand: nothing is baked.
    closed    boolean NOT NULL
);

-- The newest version of a product that was heard of, so that old news that come late do not bring
-- the job of a retired product back.
CREATE TABLE product (
    branch  text   NOT NULL,
    id      text   NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (branch, id)
);

-- Jobs of before went by UTC at every hour: so they do until their branch is heard of.
INSERT INTO branch (id, version, time_zone, hours, closed)
SELECT DISTINCT branch, 0, 'UTC', (
    SELECT jsonb_object_agg(day, '{"open": "00:00", "close": "24:00"}'::jsonb)
    FROM unnest('{mon,tue,wed,thu,fri,sat,sun}'::text[]) AS day
), false
FROM job;

ALTER TABLE job
    -- As in the requests: {"cron": ...}, {"every_s": ...}, {"opening_s": ...} or {"closing_s": ...}.
    ADD COLUMN timing         jsonb,
    -- What becomes of ticks that were missed.
    ADD COLUMN misfire        text CHECK (misfire IN ('once', 'all', 'skip')),
    ADD COLUMN paused         boolean NOT NULL DEFAULT false,
    -- The schedule has no tick left up to this moment, itself included; only next_at is owed.
    ADD COLUMN done_at        timestamptz,
    -- The version of the branch that next_at was reckoned by.
    ADD COLUMN branch_version bigint NOT NULL DEFAULT 0,
    -- Null while it is held, where its branch is not known, and where its time never comes.
    ALTER COLUMN next_at DROP NOT NULL,
    ADD CONSTRAINT job_held CHECK (NOT paused OR next_at IS NULL);

UPDATE job SET
    timing = jsonb_build_object('cron', cron),
    misfire = CASE WHEN action ? 'bake' THEN 'all' ELSE 'once' END,
    done_at = next_at - interval '1 microsecond';

ALTER TABLE job
    ALTER COLUMN timing SET NOT NULL,
    ALTER COLUMN misfire SET NOT NULL,
    ALTER COLUMN done_at SET NOT NULL,
    DROP COLUMN cron;
