-- The orders of one branch, newest first; neither changes in an order's life. Without it a list of a
-- small branch reads past all orders of the others.
CREATE INDEX orders_of_branch ON orders (branch, id);
