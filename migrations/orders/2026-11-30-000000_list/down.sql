DROP INDEX orders_of_branch;
