DROP INDEX orders_in_hand;
ALTER TABLE orders DROP COLUMN in_hand;
