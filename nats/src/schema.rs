//! The table every service has in its own database beside its own tables.

diesel::table! {
    /// One row for each (business id, step); every service has this table in its own database.
    record (business_id, step) {
        business_id -> Uuid,
        step -> Text,
        /// SHA-256 of the request's meaning.
        request_hash -> Bytea,
        /// What was asked: subject and ids of the first request.
        subject -> Text,
        message_id -> Text,
        causation_id -> Nullable<Text>,
        correlation_id -> Uuid,
        traceparent -> Text,
        /// The shop's time of the step.
        at -> Timestamptz,
        /// JSON array of [`Outgoing`].
        outgoing -> Text,
        /// True while the outgoing messages are not known to be in the stream and no redelivery
        /// would send them: steps that began with a request and not with a message.
        owed -> Bool,
        committed_at -> Timestamptz,
    }
}
