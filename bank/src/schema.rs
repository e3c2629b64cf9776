//! The tables of the bank's database that are queried in diesel's own language; `migrations/bank`
//! makes them. Every statement of a batch is written out in SQL and so planned anew each time: a
//! cached plan would stay the one made for an empty ledger.

diesel::table! {
    account (id) {
        id -> Uuid,
        kind -> Text,
        name -> Text,
        currency -> Text,
        balance -> Nullable<BigInt>,
    }
}

diesel::table! {
    behaviour (scope, target) {
        scope -> Text,
        target -> Text,
        latency_ms -> Integer,
        decline_percent -> SmallInt,
        silent -> Bool,
        doubled -> Bool,
    }
}
