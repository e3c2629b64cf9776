-- The business day that a discount is of. Found by the hours of the moment it began, it stays the same
-- when the hours change.
ALTER TABLE branch ADD COLUMN discount_day date;

-- Which hours there were then is not known any more; a schedule begins a discount on the date it is
-- of. A zone that this server does not know is left to who reads the row.
UPDATE branch SET discount_day = (discount_from AT TIME ZONE time_zone)::date
WHERE discount_from IS NOT NULL
  AND time_zone IN (SELECT name FROM pg_timezone_names);
