-- Who may sign in, and guests, who have neither a username nor a password. A row whose account is
-- not open at the bank yet is a claim: nobody was told of it, nobody can sign in as it, and whoever
-- registers the same username next takes it over.
CREATE TABLE app_user (
    id             uuid        PRIMARY KEY,
    username       text        UNIQUE,
    name           text        NOT NULL,
    email          text,
    role           text        NOT NULL CHECK (role IN ('customer', 'kitchen', 'manager', 'operator')),
    -- Argon2id, as a PHC string.
    password_hash  text,
    account_id     uuid        NOT NULL UNIQUE,
    account_opened boolean     NOT NULL,
    created_at     timestamptz NOT NULL,
    disabled       boolean     NOT NULL,
    CHECK ((username IS NULL) = (password_hash IS NULL)),
    -- Nobody can sign in as a guest again, so a guest is never staff.
    CHECK (username IS NOT NULL OR role = 'customer')
);

CREATE INDEX app_user_claimed ON app_user (created_at) WHERE NOT account_opened;

-- One sign-in. All its times are this database's.
CREATE TABLE session (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES app_user ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE INDEX session_of_user ON session (user_id) WHERE revoked_at IS NULL;
CREATE INDEX session_expires ON session (expires_at);
CREATE INDEX session_revoked ON session (revoked_at) WHERE revoked_at IS NOT NULL;

-- The chain of a session's refresh tokens: each was replaced by the next, and one at most is unused.
-- What stands here is SHA-256 of a random number of 256 bits: it lets nobody in.
CREATE TABLE refresh_token (
    hash        bytea       PRIMARY KEY CHECK (octet_length(hash) = 32),
    session_id  uuid        NOT NULL REFERENCES session ON DELETE CASCADE,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    replaced_by bytea
);

CREATE INDEX refresh_token_of_session ON refresh_token (session_id);
CREATE INDEX refresh_token_expires ON refresh_token (expires_at);

-- What the log said of orders: the newest version of each. It is a view, and can be read from the log
-- again at any time.
CREATE TABLE seen_order (
    order_id   uuid        PRIMARY KEY,
    account_id uuid        NOT NULL,
    branch     text        NOT NULL,
    version    bigint      NOT NULL,
    status     text        NOT NULL,
    total      bigint,
    currency   text,
    -- JSON array of {"product_id", "quantity"}.
    lines      jsonb       NOT NULL,
    -- The shop's time of that version.
    at         timestamptz NOT NULL
);

CREATE INDEX seen_order_of_account ON seen_order (account_id);

-- What the log said of accounts.
CREATE TABLE seen_account (
    account_id uuid        PRIMARY KEY,
    currency   text        NOT NULL,
    at         timestamptz NOT NULL
);

-- One row for each step of each business id: what was asked and what was answered, written in the
-- same transaction as the effect. See nats/src/record.rs.
CREATE TABLE record (
    business_id    uuid        NOT NULL,
    step           text        NOT NULL,
    request_hash   bytea       NOT NULL,
    subject        text        NOT NULL,
    message_id     text        NOT NULL,
    causation_id   text,
    correlation_id uuid        NOT NULL,
    traceparent    text        NOT NULL,
    at             timestamptz NOT NULL,
    outgoing       text        NOT NULL,
    owed           boolean     NOT NULL,
    committed_at   timestamptz NOT NULL,
    PRIMARY KEY (business_id, step)
) WITH (fillfactor = 90);

-- Always empty: the gateway sends nothing. What every service has.
CREATE INDEX record_owed ON record (committed_at) WHERE owed;
