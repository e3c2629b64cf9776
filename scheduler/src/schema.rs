//! The tables of the scheduler database; `migrations/scheduler` makes them.

diesel::table! {
    branch (id) {
        id -> Text,
        version -> BigInt,
        time_zone -> Text,
        hours -> Jsonb,
        closed -> Bool,
    }
}

diesel::table! {
    job (branch, name) {
        branch -> Text,
        name -> Text,
        timing -> Jsonb,
        action -> Jsonb,
        misfire -> Text,
        paused -> Bool,
        last_at -> Nullable<Timestamptz>,
        done_at -> Timestamptz,
        next_at -> Nullable<Timestamptz>,
        branch_version -> BigInt,
    }
}

diesel::table! {
    product (branch, id) {
        branch -> Text,
        id -> Text,
        version -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(branch, job);
