//! The tables, as the migrations make them.

diesel::table! {
    users (id) {
        id -> Uuid,
        name -> Text,
        email -> Text,
        password_hash -> Text,
        role -> Text,
        created_at -> Timestamptz,
        session_version -> BigInt,
        sessions_ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    concerts (id) {
        id -> Uuid,
        organizer_id -> Uuid,
        title -> Text,
        description -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    rooms (id) {
        id -> Uuid,
        concert_id -> Nullable<Uuid>,
        capacity -> Integer,
        admit_batch -> Integer,
        admit_interval_seconds -> Integer,
        active_seconds -> Integer,
        idle_seconds -> Integer,
        paused -> Bool,
        policy_changed_at -> Timestamptz,
        last_place -> BigInt,
        version -> BigInt,
        admissions_since -> Timestamptz,
        admissions_count -> Integer,
        message -> Text,
    }
}

diesel::table! {
    queue_tokens (id) {
        id -> Uuid,
        room_id -> Uuid,
        user_id -> Uuid,
        place -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Timestamptz,
        status -> Text,
        seen_at -> Nullable<Timestamptz>,
        idle_at -> Nullable<Timestamptz>,
        active_since -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
        reason -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    schedules (id) {
        id -> Uuid,
        concert_id -> Uuid,
        starts_at -> Timestamptz,
        ends_at -> Timestamptz,
        booking_opens_at -> Timestamptz,
        booking_closes_at -> Timestamptz,
        seat_count -> Integer,
        sold_count -> Integer,
        created_at -> Timestamptz,
        cancellation_closes_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reservations (id) {
        id -> Uuid,
        user_id -> Uuid,
        concert_id -> Uuid,
        schedule_id -> Uuid,
        queue_token_id -> Uuid,
        total_price -> BigInt,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        extendable_until -> Nullable<Timestamptz>,
        reference -> Nullable<Text>,
        status -> Text,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    seats (id) {
        id -> Uuid,
        schedule_id -> Uuid,
        number -> Integer,
        row_number -> Integer,
        column_number -> Integer,
        label -> Text,
        price -> BigInt,
        status -> Text,
        reservation_id -> Nullable<Uuid>,
        held_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reservation_seats (reservation_id, seat_id) {
        reservation_id -> Uuid,
        seat_id -> Uuid,
    }
}

diesel::table! {
    point_accounts (user_id) {
        user_id -> Uuid,
        balance -> BigInt,
        entries -> BigInt,
    }
}

diesel::table! {
    payments (id) {
        id -> Uuid,
        user_id -> Uuid,
        reservation_id -> Uuid,
        amount -> BigInt,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    point_entries (id) {
        id -> Uuid,
        user_id -> Uuid,
        number -> BigInt,
        kind -> Text,
        amount -> BigInt,
        balance_after -> BigInt,
        payment_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    answers (owner, key) {
        owner -> Uuid,
        key -> Text,
        command -> Text,
        fingerprint -> Text,
        verdict -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    operator_actions (id) {
        id -> Uuid,
        operator_id -> Uuid,
        kind -> Text,
        room_id -> Nullable<Uuid>,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        user_id -> Nullable<Uuid>,
        at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    users,
    concerts,
    rooms,
    queue_tokens,
    schedules,
    reservations,
    seats,
    reservation_seats,
    point_accounts,
    payments,
    point_entries,
    answers,
    operator_actions,
);
