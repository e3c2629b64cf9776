//! The tables of the gateway's database; `migrations/gateway` makes them.

diesel::table! {
    app_user (id) {
        id -> Uuid,
        username -> Nullable<Text>,
        name -> Text,
        email -> Nullable<Text>,
        role -> Text,
        password_hash -> Nullable<Text>,
        account_id -> Uuid,
        account_opened -> Bool,
        created_at -> Timestamptz,
        disabled -> Bool,
    }
}

diesel::table! {
    session (id) {
        id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    refresh_token (hash) {
        hash -> Bytea,
        session_id -> Uuid,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        replaced_by -> Nullable<Bytea>,
    }
}

diesel::table! {
    seen_order (order_id) {
        order_id -> Uuid,
        account_id -> Uuid,
        branch -> Text,
        version -> BigInt,
        status -> Text,
        total -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        lines -> Jsonb,
        at -> Timestamptz,
    }
}

diesel::table! {
    seen_account (account_id) {
        account_id -> Uuid,
        currency -> Text,
        at -> Timestamptz,
    }
}

diesel::joinable!(session -> app_user (user_id));
diesel::joinable!(refresh_token -> session (session_id));
diesel::allow_tables_to_appear_in_same_query!(app_user, session, refresh_token);
