DROP INDEX transfer_till;
