DROP TABLE record;
DROP TABLE unit;
DROP TABLE product;
DROP TABLE branch;
