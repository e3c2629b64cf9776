-- Used refresh tokens go after a week, and are looked for every ten minutes.
CREATE INDEX refresh_token_used ON refresh_token (used_at) WHERE used_at IS NOT NULL;
