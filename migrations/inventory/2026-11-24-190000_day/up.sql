-- A branch gets hours, days and a currency. One that is here already was open day and night.
ALTER TABLE branch
    -- Rises by one with each change; 0 while nobody was told of the branch in an event.
    ADD COLUMN version       bigint  NOT NULL DEFAULT 0,
    ADD COLUMN name          text    NOT NULL DEFAULT '',
    ADD COLUMN address       text    NOT NULL DEFAULT '',
    ADD COLUMN time_zone     text    NOT NULL DEFAULT 'UTC',
    -- The hours of the week, as they are on the wire.
    ADD COLUMN hours         jsonb   NOT NULL DEFAULT '{}',
    ADD COLUMN currency      text    NOT NULL DEFAULT 'EUR',
    -- True while it is closed by hand.
    ADD COLUMN closed        boolean NOT NULL DEFAULT false,
    -- Since when everything costs less. It ends with its business day, without a write.
    ADD COLUMN discount_from timestamptz,
    -- The newest business day whose closing has thrown out what was left.
    ADD COLUMN closed_day    date,
    -- Nobody ever set it.
    DROP COLUMN discounting;

UPDATE branch SET
    name = id,
    hours = (SELECT jsonb_object_agg(day, '{"open": "00:00", "close": "24:00"}'::jsonb)
             FROM unnest(ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) AS day),
    currency = coalesce((SELECT mode() WITHIN GROUP (ORDER BY p.currency)
                         FROM product p WHERE p.branch = branch.id), 'EUR');

ALTER TABLE branch
    ALTER COLUMN name      DROP DEFAULT,
    ALTER COLUMN address   DROP DEFAULT,
    ALTER COLUMN time_zone DROP DEFAULT,
    ALTER COLUMN hours     DROP DEFAULT,
    ALTER COLUMN currency  DROP DEFAULT;

-- How a product is baked by the clock: a batch of so many, every so many seconds. Or not at all.
ALTER TABLE product
    ADD COLUMN state   text NOT NULL DEFAULT 'on_sale'
        CHECK (state IN ('on_sale', 'off_sale', 'retired')),
    ADD COLUMN every_s integer CHECK (every_s BETWEEN 1 AND 86400),
    ADD COLUMN batch   integer CHECK (batch BETWEEN 1 AND 10000),
    ADD CONSTRAINT product_production CHECK ((every_s IS NULL) = (batch IS NULL));

-- The business day of its branch on which a unit was baked, and whether its buyer pays less than
-- the full price. Days were those of UTC.
ALTER TABLE unit
    ADD COLUMN day        date,
    ADD COLUMN discounted boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT unit_discounted CHECK (order_id IS NOT NULL OR NOT discounted);
UPDATE unit SET day = (baked_at AT TIME ZONE 'UTC')::date;
ALTER TABLE unit ALTER COLUMN day SET NOT NULL;
CREATE INDEX unit_day ON unit (branch, day);

-- One row for each batch that came out of the oven.
CREATE TABLE batch (
    id         uuid        PRIMARY KEY,
    branch     text        NOT NULL,
    product_id text        NOT NULL,
    day        date        NOT NULL,
    quantity   integer     NOT NULL CHECK (quantity > 0),
    baked_at   timestamptz NOT NULL,
    stale_at   timestamptz NOT NULL,
    FOREIGN KEY (branch, product_id) REFERENCES product,
    CHECK (stale_at > baked_at)
);
INSERT INTO batch (id, branch, product_id, day, quantity, baked_at, stale_at)
SELECT batch_id, min(branch), min(product_id), min(day), count(*), min(baked_at), min(stale_at)
FROM unit GROUP BY batch_id;
CREATE INDEX batch_day ON batch (branch, day);
ALTER TABLE unit ADD CONSTRAINT unit_batch FOREIGN KEY (batch_id) REFERENCES batch;

-- What the units of a product and a business day cannot tell later: what orders wanted in vain,
-- and what was sold and came back. Changed by who has locked the section only.
CREATE TABLE day_product (
    branch     text   NOT NULL,
    day        date   NOT NULL,
    product_id text   NOT NULL,
    -- Units that orders wanted and could not have.
    missed     bigint NOT NULL CHECK (missed >= 0),
    -- Units that came back with a cancelled order, and what was given back for them.
    returned   bigint NOT NULL CHECK (returned >= 0),
    refunded   bigint NOT NULL CHECK (refunded >= 0),
    PRIMARY KEY (branch, day, product_id),
    FOREIGN KEY (branch, product_id) REFERENCES product
) WITH (fillfactor = 80);
