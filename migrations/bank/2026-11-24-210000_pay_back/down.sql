-- Where something was paid back this fails and changes nothing: the ledger does not forget.
DROP INDEX transfer_paid_back;
DROP INDEX transfer_of_order;
ALTER TABLE transfer ADD CONSTRAINT transfer_order_id_kind_key UNIQUE (order_id, kind);
ALTER TABLE transfer DROP CONSTRAINT transfer_kind_check;
ALTER TABLE transfer ADD CONSTRAINT transfer_kind_check
    CHECK (kind IN ('deposit', 'charge', 'refund'));
