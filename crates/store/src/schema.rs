//! The tables, as the migrations make them.

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    users (id) {
        id -> SqlId,
        name -> Text,
        email -> Text,
        password_hash -> Text,
        role -> Text,
        created_at -> SqlInstant,
        session_version -> BigInt,
        sessions_ended_at -> Nullable<SqlInstant>,
        email_verified_at -> Nullable<SqlInstant>,
        language -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    concerts (id) {
        id -> SqlId,
        organizer_id -> SqlId,
        title -> Text,
        description -> Text,
        created_at -> SqlInstant,
        subtitle -> Text,
        tags -> Text,
        running_minutes -> Nullable<Integer>,
        age_limit -> Nullable<Integer>,
        slug -> Nullable<Text>,
        search_text -> Text,
        state -> Text,
        version -> BigInt,
        poster_digest -> Nullable<Text>,
        poster_width -> Nullable<Integer>,
        poster_height -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    poster_images (concert_id, digest, width) {
        concert_id -> SqlId,
        digest -> Text,
        width -> Integer,
        height -> Integer,
        content -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    rooms (id) {
        id -> SqlId,
        concert_id -> Nullable<SqlId>,
        concert_state -> Text,
        capacity -> Integer,
        admit_batch -> Integer,
        admit_interval_seconds -> Integer,
        active_seconds -> Integer,
        idle_seconds -> Integer,
        paused -> Bool,
        policy_changed_at -> SqlInstant,
        policy_version -> BigInt,
        last_place -> BigInt,
        version -> BigInt,
        admissions_since -> SqlInstant,
        admissions_count -> Integer,
        message -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    queue_tokens (id) {
        id -> SqlId,
        room_id -> SqlId,
        user_id -> SqlId,
        place -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> SqlInstant,
        status -> Text,
        seen_at -> Nullable<SqlInstant>,
        idle_at -> Nullable<SqlInstant>,
        active_since -> Nullable<SqlInstant>,
        expires_at -> Nullable<SqlInstant>,
        reason -> Nullable<Text>,
        ended_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    number_ranges (room_id, first_place) {
        room_id -> SqlId,
        first_place -> BigInt,
        last_place -> BigInt,
        reserved_at -> SqlInstant,
        idle_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    line_changes (room_id, version) {
        room_id -> SqlId,
        since -> BigInt,
        version -> BigInt,
        joined -> Binary,
        waiting_until -> Nullable<SqlInstant>,
        gone -> Binary,
        written_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    schedules (id) {
        id -> SqlId,
        concert_id -> SqlId,
        concert_state -> Text,
        starts_at -> SqlInstant,
        ends_at -> SqlInstant,
        booking_opens_at -> SqlInstant,
        booking_closes_at -> SqlInstant,
        seat_count -> Integer,
        sold_count -> Integer,
        blocked_count -> Integer,
        created_at -> SqlInstant,
        cancellation_closes_at -> Nullable<SqlInstant>,
        ticket_limit -> Integer,
        version -> BigInt,
        moved_at -> Nullable<SqlInstant>,
        moved_from -> Nullable<SqlInstant>,
        refundable_until -> Nullable<SqlInstant>,
        move_told_to -> Nullable<SqlId>,
        cancelled_at -> Nullable<SqlInstant>,
        cancel_reason -> Nullable<Text>,
        hall_id -> Nullable<SqlId>,
        plan_version -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    venues (id) {
        id -> SqlId,
        organizer_id -> SqlId,
        name -> Text,
        address -> Text,
        time_zone -> Text,
        search_text -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    halls (id) {
        id -> SqlId,
        venue_id -> SqlId,
        name -> Text,
        plan_version -> Integer,
        place_count -> Integer,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    hall_plans (hall_id, version) {
        hall_id -> SqlId,
        version -> Integer,
        document -> Text,
        place_count -> Integer,
        created_by -> SqlId,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    reservations (id) {
        id -> SqlId,
        user_id -> SqlId,
        concert_id -> SqlId,
        schedule_id -> SqlId,
        queue_token_id -> Nullable<SqlId>,
        total_price -> BigInt,
        created_at -> SqlInstant,
        expires_at -> SqlInstant,
        extendable_until -> Nullable<SqlInstant>,
        reference -> Nullable<Text>,
        status -> Text,
        ended_at -> Nullable<SqlInstant>,
        tickets_issued -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    seats (id) {
        id -> SqlId,
        schedule_id -> SqlId,
        number -> Integer,
        row_number -> Integer,
        column_number -> Integer,
        label -> Text,
        price -> BigInt,
        status -> Text,
        reservation_id -> Nullable<SqlId>,
        held_until -> Nullable<SqlInstant>,
        kind -> Nullable<Text>,
        row_label -> Nullable<Text>,
        seat_number -> Nullable<Integer>,
        block_id -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    reservation_seats (reservation_id, seat_id) {
        reservation_id -> SqlId,
        seat_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    point_accounts (user_id) {
        user_id -> SqlId,
        balance -> BigInt,
        entries -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    payments (id) {
        id -> SqlId,
        user_id -> SqlId,
        reservation_id -> SqlId,
        amount -> BigInt,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    point_entries (id) {
        id -> SqlId,
        user_id -> SqlId,
        number -> BigInt,
        kind -> Text,
        amount -> BigInt,
        balance_after -> BigInt,
        payment_id -> Nullable<SqlId>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    answers (owner, key) {
        owner -> SqlId,
        key -> Text,
        command -> Text,
        fingerprint -> Text,
        verdict -> Text,
        recorded_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    operator_actions (id) {
        id -> SqlId,
        operator_id -> SqlId,
        kind -> Text,
        room_id -> Nullable<SqlId>,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        user_id -> Nullable<SqlId>,
        subject_id -> Nullable<SqlId>,
        reason -> Nullable<Text>,
        at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    events (subject_id, number) {
        subject_id -> SqlId,
        number -> BigInt,
        kind -> Text,
        concert_id -> Nullable<SqlId>,
        at -> SqlInstant,
        fanned_out -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    webhooks (id) {
        id -> SqlId,
        owner_id -> SqlId,
        url -> Text,
        kinds -> Text,
        secret -> Text,
        old_secret -> Nullable<Text>,
        old_secret_until -> Nullable<SqlInstant>,
        state -> Text,
        tests -> BigInt,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    deliveries (webhook_id, subject_id, number) {
        webhook_id -> SqlId,
        subject_id -> SqlId,
        number -> BigInt,
        kind -> Text,
        state -> Text,
        due_at -> Nullable<SqlInstant>,
        attempts -> Integer,
        last_at -> Nullable<SqlInstant>,
        last_answer -> Nullable<Text>,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    tickets (id) {
        id -> SqlId,
        number -> BigInt,
        reservation_id -> SqlId,
        concert_id -> SqlId,
        schedule_id -> SqlId,
        seat_id -> SqlId,
        holder_id -> SqlId,
        issued_at -> SqlInstant,
        state -> Text,
        void_at -> Nullable<SqlInstant>,
        checked_in_at -> Nullable<SqlInstant>,
        checked_in_by -> Nullable<SqlId>,
        door -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    door_staff (concert_id, user_id) {
        concert_id -> SqlId,
        user_id -> SqlId,
        assigned_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    mails (subject_id, number) {
        subject_id -> SqlId,
        number -> BigInt,
        user_id -> SqlId,
        kind -> Text,
        state -> Text,
        due_at -> Nullable<SqlInstant>,
        attempts -> Integer,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::*;

    mail_tokens (digest) {
        digest -> Text,
        user_id -> SqlId,
        kind -> Text,
        session_version -> BigInt,
        expires_at -> SqlInstant,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    users,
    concerts,
    poster_images,
    rooms,
    queue_tokens,
    line_changes,
    number_ranges,
    schedules,
    reservations,
    seats,
    reservation_seats,
    point_accounts,
    payments,
    tickets,
    door_staff,
    point_entries,
    answers,
    operator_actions,
    events,
    webhooks,
    deliveries,
    mails,
    mail_tokens,
    venues,
    halls,
    hall_plans,
);
