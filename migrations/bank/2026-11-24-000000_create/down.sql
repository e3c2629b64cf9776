DROP TABLE record;
DROP TABLE behaviour;
DROP TABLE entry;
DROP TABLE transfer;
DROP TABLE account;
DROP FUNCTION insert_only;
DROP FUNCTION entries_sum_to_zero;
