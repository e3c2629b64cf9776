ALTER TABLE branch DROP COLUMN discount_day;
