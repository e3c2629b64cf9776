DROP INDEX refresh_token_used;
