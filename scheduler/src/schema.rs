//! The tables of the scheduler database; `migrations/scheduler` makes them.

diesel::table! {
    job (branch, name) {
        branch -> Text,
        name -> Text,
        cron -> Text,
        action -> Jsonb,
        last_at -> Nullable<Timestamptz>,
        next_at -> Timestamptz,
    }
}
