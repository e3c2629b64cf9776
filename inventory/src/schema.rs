//! The tables of the inventory database; `migrations/inventory` makes them.

diesel::table! {
    branch (id) {
        id -> Text,
        discounting -> Bool,
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
    }
}

diesel::joinable!(product -> branch (branch));
diesel::allow_tables_to_appear_in_same_query!(branch, product, unit);
