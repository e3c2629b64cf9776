-- What the first version has no place for is forgotten: hours, days, and what a product is now.
DROP TABLE day_product;

DROP INDEX unit_day;
ALTER TABLE unit
    DROP CONSTRAINT unit_batch,
    DROP CONSTRAINT unit_discounted,
    DROP COLUMN day,
    DROP COLUMN discounted;
DROP TABLE batch;

ALTER TABLE product
    DROP CONSTRAINT product_production,
    DROP COLUMN state,
    DROP COLUMN every_s,
    DROP COLUMN batch;

ALTER TABLE branch
    ADD COLUMN discounting boolean NOT NULL DEFAULT false,
    DROP COLUMN version,
    DROP COLUMN name,
    DROP COLUMN address,
    DROP COLUMN time_zone,
    DROP COLUMN hours,
    DROP COLUMN currency,
    DROP COLUMN closed,
    DROP COLUMN discount_from,
    DROP COLUMN closed_day;
