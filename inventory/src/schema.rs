//! The tables of the inventory database; `migrations/inventory` makes them.

diesel::table! {
    branch (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        address -> Text,
        time_zone -> Text,
        hours -> Jsonb,
        currency -> Text,
        closed -> Bool,
        discount_from -> Nullable<Timestamptz>,
        discount_day -> Nullable<Date>,
        closed_day -> Nullable<Date>,
    }
}

diesel::table! {
    product (branch, id) {
        branch -> Text,
        id -> Text,
        version -> BigInt,
        position -> Integer,
        name -> Text,
        description -> Text,
        price -> BigInt,
        currency -> Text,
        image -> Text,
        shelf_life_s -> Integer,
        discount_percent -> SmallInt,
        state -> Text,
        every_s -> Nullable<Integer>,
        batch -> Nullable<Integer>,
    }
}

diesel::table! {
    unit (id) {
        id -> Uuid,
        branch -> Text,
        product_id -> Text,
        batch_id -> Uuid,
        baked_at -> Timestamptz,
        stale_at -> Timestamptz,
        state -> Text,
        order_id -> Nullable<Uuid>,
        price -> Nullable<BigInt>,
        day -> Date,
        discounted -> Bool,
    }
}

diesel::table! {
    batch (id) {
        id -> Uuid,
        branch -> Text,
        product_id -> Text,
        day -> Date,
        quantity -> Integer,
        baked_at -> Timestamptz,
        stale_at -> Timestamptz,
    }
}

diesel::table! {
    day_product (branch, day, product_id) {
        branch -> Text,
        day -> Date,
        product_id -> Text,
        missed -> BigInt,
        returned -> BigInt,
        refunded -> BigInt,
    }
}

diesel::joinable!(product -> branch (branch));
diesel::joinable!(unit -> batch (batch_id));
diesel::allow_tables_to_appear_in_same_query!(branch, product, unit, batch, day_product);
