//! The tables of the orders database; `migrations/orders` makes them.

diesel::table! {
    orders (id) {
        id -> Uuid,
        branch -> Text,
        day -> Date,
        number -> Integer,
        account_id -> Uuid,
        customer_name -> Text,
        customer_email -> Nullable<Text>,
        state -> Text,
        status -> Text,
        version -> BigInt,
        items -> Jsonb,
        total -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        reason_code -> Nullable<Text>,
        reason_detail -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        open -> Bool,
        attempt -> Integer,
        due_at -> Timestamptz,
        give_up_at -> Timestamptz,
        paid -> Bool,
        shop_name -> Text,
        shop_address -> Text,
        shop_zone -> Text,
    }
}

diesel::table! {
    known_branch (id) {
        id -> Text,
        version -> BigInt,
        name -> Text,
        address -> Text,
        time_zone -> Text,
        hours -> Jsonb,
        closed -> Bool,
    }
}

diesel::table! {
    known_account (account_id) {
        account_id -> Uuid,
    }
}

diesel::table! {
    known_product (branch, product_id) {
        branch -> Text,
        product_id -> Text,
    }
}
