-- Run once by the postgres image, as its superuser, when the data volume is new: for each service a
-- role with its own password and a database that it owns. Nobody reads another's.
--
-- Passwords come from the environment, so they stand on no command line. A missing one is a syntax
-- error at its CREATE ROLE, and the start fails.

-- What every role could do by default.
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;

\getenv password GATEWAY_DB_PASSWORD
CREATE ROLE gateway LOGIN PASSWORD :'password';
ALTER ROLE gateway SET lc_messages = 'C';
CREATE DATABASE gateway OWNER gateway;
REVOKE ALL ON DATABASE gateway FROM PUBLIC;
\unset password

\getenv password INVENTORY_DB_PASSWORD
CREATE ROLE inventory LOGIN PASSWORD :'password';
ALTER ROLE inventory SET lc_messages = 'C';
CREATE DATABASE inventory OWNER inventory;
REVOKE ALL ON DATABASE inventory FROM PUBLIC;
\unset password

\getenv password ORDERS_DB_PASSWORD
CREATE ROLE orders LOGIN PASSWORD :'password';
ALTER ROLE orders SET lc_messages = 'C';
CREATE DATABASE orders OWNER orders;
REVOKE ALL ON DATABASE orders FROM PUBLIC;
\unset password

\getenv password BANK_DB_PASSWORD
CREATE ROLE bank LOGIN PASSWORD :'password';
ALTER ROLE bank SET lc_messages = 'C';
CREATE DATABASE bank OWNER bank;
REVOKE ALL ON DATABASE bank FROM PUBLIC;
\unset password

\getenv password SCHEDULER_DB_PASSWORD
CREATE ROLE scheduler LOGIN PASSWORD :'password';
ALTER ROLE scheduler SET lc_messages = 'C';
CREATE DATABASE scheduler OWNER scheduler;
REVOKE ALL ON DATABASE scheduler FROM PUBLIC;
\unset password
