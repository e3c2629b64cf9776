DROP TABLE record;
DROP TABLE known_product;
DROP TABLE known_account;
DROP TABLE idempotency;
DROP TABLE day_number;
DROP TABLE orders;
