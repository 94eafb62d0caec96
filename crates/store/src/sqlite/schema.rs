//! The tables, as the migrations make them.

diesel::table! {
    users (id) {
        id -> Text,
        name -> Text,
        email -> Text,
        password_hash -> Text,
        role -> Text,
        created_at -> BigInt,
        session_version -> BigInt,
        sessions_ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    concerts (id) {
        id -> Text,
        organizer_id -> Text,
        title -> Text,
        description -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    rooms (id) {
        id -> Text,
        concert_id -> Nullable<Text>,
        capacity -> Integer,
        admit_batch -> Integer,
        admit_interval_seconds -> Integer,
        active_seconds -> Integer,
        idle_seconds -> Integer,
        paused -> Bool,
        policy_changed_at -> BigInt,
        last_place -> BigInt,
        version -> BigInt,
        admissions_since -> BigInt,
        admissions_count -> Integer,
        message -> Text,
    }
}

diesel::table! {
    queue_tokens (id) {
        id -> Text,
        room_id -> Text,
        user_id -> Text,
        place -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
        status -> Text,
        seen_at -> Nullable<BigInt>,
        idle_at -> Nullable<BigInt>,
        active_since -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    schedules (id) {
        id -> Text,
        concert_id -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
        booking_opens_at -> BigInt,
        booking_closes_at -> BigInt,
        seat_count -> Integer,
        sold_count -> Integer,
        created_at -> BigInt,
        cancellation_closes_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    reservations (id) {
        id -> Text,
        user_id -> Text,
        concert_id -> Text,
        schedule_id -> Text,
        queue_token_id -> Text,
        total_price -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        extendable_until -> Nullable<BigInt>,
        reference -> Nullable<Text>,
        status -> Text,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    seats (id) {
        id -> Text,
        schedule_id -> Text,
        number -> Integer,
        row_number -> Integer,
        column_number -> Integer,
        label -> Text,
        price -> BigInt,
        status -> Text,
        reservation_id -> Nullable<Text>,
        held_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    reservation_seats (reservation_id, seat_id) {
        reservation_id -> Text,
        seat_id -> Text,
    }
}

diesel::table! {
    point_accounts (user_id) {
        user_id -> Text,
        balance -> BigInt,
        entries -> BigInt,
    }
}

diesel::table! {
    payments (id) {
        id -> Text,
        user_id -> Text,
        reservation_id -> Text,
        amount -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    point_entries (id) {
        id -> Text,
        user_id -> Text,
        number -> BigInt,
        kind -> Text,
        amount -> BigInt,
        balance_after -> BigInt,
        payment_id -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    answers (owner, key) {
        owner -> Text,
        key -> Text,
        command -> Text,
        fingerprint -> Text,
        verdict -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    operator_actions (id) {
        id -> Text,
        operator_id -> Text,
        kind -> Text,
        room_id -> Nullable<Text>,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        user_id -> Nullable<Text>,
        at -> BigInt,
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
