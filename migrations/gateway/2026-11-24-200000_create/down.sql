DROP TABLE record;
DROP TABLE seen_account;
DROP TABLE seen_order;
DROP TABLE refresh_token;
DROP TABLE session;
DROP TABLE app_user;
