-- Parts of a charge can be paid back, any number of them, while the order stays. One charge and one
-- refund an order stay as they were.
ALTER TABLE transfer DROP CONSTRAINT transfer_kind_check;
ALTER TABLE transfer ADD CONSTRAINT transfer_kind_check
    CHECK (kind IN ('deposit', 'charge', 'refund', 'pay-back'));
ALTER TABLE transfer DROP CONSTRAINT transfer_order_id_kind_key;
CREATE UNIQUE INDEX transfer_of_order ON transfer (order_id, kind) WHERE kind <> 'pay-back';

-- What was paid back of an order, to be summed up before more of it is.
CREATE INDEX transfer_paid_back ON transfer (order_id) WHERE kind = 'pay-back';
