-- The scheduler of before reads cron lines only, bakes and sweeps. What it cannot read is left out;
-- it comes back with the next change of its branch or product.
DELETE FROM job WHERE NOT timing ? 'cron' OR NOT action ?| '{bake,sweep}';

-- What is held, or has no time, must not go off: it waits for a day that none of us will see.
ALTER TABLE job DROP CONSTRAINT job_held;
UPDATE job SET next_at = '9999-12-31 00:00:00Z' WHERE next_at IS NULL;

ALTER TABLE job ADD COLUMN cron text;
UPDATE job SET cron = timing ->> 'cron';
ALTER TABLE job
    ALTER COLUMN cron SET NOT NULL,
    ALTER COLUMN next_at SET NOT NULL,
    DROP COLUMN timing,
    DROP COLUMN misfire,
    DROP COLUMN paused,
    DROP COLUMN done_at,
    DROP COLUMN branch_version;

DROP TABLE product;
DROP TABLE branch;
