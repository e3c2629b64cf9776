-- What moved in a till on one day is a small part of a ledger that only grows: without this every
-- question reads all of it (0.1 s a million transfers, against 5 ms). Transfers never change, so
-- it costs one entry each and no update.
CREATE INDEX transfer_till ON transfer (branch, at);
