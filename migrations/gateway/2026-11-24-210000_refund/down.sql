-- The records of having taken them go as well: otherwise they would not be taken again.
DELETE FROM record WHERE step = 'refunded';
DROP TABLE seen_refund;
