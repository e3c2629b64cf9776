ALTER TABLE orders DROP COLUMN paid;
DROP TABLE known_branch;
