//! The list of the contract's tests, and the macros that stamp them.

/// Makes one test of each part of the contract in the module it stands in. One line holds a new
/// store to all of it: `contract!(MyFixture);`, where the fixture is a
/// [`Plant`](crate::contract::fixture::Plant) and
/// [`Migrated`](crate::contract::fixture::Migrated).
#[macro_export]
macro_rules! contract {
    ($fixture:ty) => {
        $crate::contract_of_rules!($fixture);
        $crate::contract_of_tables!($fixture);
    };
}

/// As [`contract!`](crate::contract!), without what takes tables.
#[macro_export]
macro_rules! contract_of_rules {
    ($fixture:ty) => {
        $crate::stamp! { hold_to $fixture;
            round_trips [
                a_user_reads_back_as_signed_up
                a_user_reads_back_with_another_name_and_password
                a_deleted_user_reads_back_without_personal_data
                what_does_not_exist_reads_as_nothing
                several_tokens_are_read_at_once
                the_site_wide_room_is_there_from_the_start
                users_are_counted_up_to_a_limit
                a_concert_reads_back_as_announced
                a_concert_without_schedules_reads_back
                a_schedule_added_later_reads_back
                a_schedule_of_the_most_seats_is_written_whole
                a_policy_reads_back_as_changed
                the_site_wide_room_follows_the_mode_until_an_operator_changes_it
                a_batch_of_thousands_is_written_whole
                a_token_that_is_active_at_once_reads_back
                a_token_reads_back_on_its_way_in
                a_token_reads_back_with_the_reason_of_its_end
                a_hold_reads_back_with_its_seats
                seats_are_held_by_number_and_by_best_block
                a_hold_keeps_its_token_alive
                a_reservation_reads_back_in_every_state
                charges_and_uses_read_back_as_a_history
                a_payment_reads_back_with_all_it_did
                a_site_wide_token_books_and_pays
            ]
            events [
                an_event_is_written_with_its_change
                a_refusal_tells_nothing
                events_of_concerts_dates_and_rooms_read_back
                a_webhook_reads_back_as_it_was_changed
                a_delivery_reads_back_in_every_state
                a_receiver_that_is_gone_switches_its_webhook_off
                events_of_a_subject_are_delivered_in_order
                processes_that_dispatch_at_once_begin_each_attempt_once
                a_replay_delivers_the_events_of_a_time_again
                deliveries_are_paged
            ]
            mails [
                a_confirmed_address_reads_back
                a_reset_password_reads_back_and_its_link_works_once
                a_user_who_asks_again_gets_the_e_mail_in_the_language_of_the_request
                an_e_mail_is_claimed_until_it_is_sent_or_refused
                e_mails_are_claimed_in_order_and_in_a_bounded_number
                processes_that_send_at_once_begin_each_attempt_once
                a_paid_and_a_cancelled_reservation_are_told_by_e_mail
                transfers_and_cancelled_seats_are_told_by_e_mail
                holders_are_told_of_a_move_once
                only_a_confirmed_address_holds_seats_if_that_is_required
                old_e_mails_and_tokens_are_deleted
            ]
            ranges [
                a_range_reads_back_once_it_is_filled
                those_with_open_numbers_count_as_waiting
                admission_stops_before_an_open_range
                a_stale_range_is_taken_back_and_delays_none_for_longer
                a_line_has_the_numbers_of_open_ranges
                a_concert_is_deleted_with_its_open_ranges
                ranges_that_are_filled_at_once_keep_the_order
            ]
            refusals [
                a_taken_address_is_refused
                a_name_or_password_that_cannot_be_changed_is_refused
                a_concert_by_anyone_but_an_organizer_is_refused
                a_schedule_for_a_concert_not_ones_own_is_refused
                unknown_rooms_and_tokens_are_refused
                a_concert_with_nothing_left_to_book_is_not_joined
                leaving_twice_changes_nothing
                a_hold_without_admission_is_refused
                a_site_wide_token_passes_no_concerts_own_queue
                a_hold_outside_the_booking_window_is_refused
                a_hold_of_seats_not_to_be_had_is_refused
                releasing_what_is_not_held_is_refused
                points_that_do_not_fit_are_refused
                paying_without_admission_is_refused
                paying_what_cannot_be_paid_is_refused
            ]
            batches [
                an_empty_batch_has_no_verdicts
                a_mixed_batch_of_holds_writes_only_the_successes
                a_batch_on_one_account_is_decided_in_order
                one_address_twice_in_a_batch_signs_up_once
                one_person_twice_in_a_batch_gets_one_token
                a_batch_of_joins_fills_a_room_and_then_its_line
                a_released_seat_can_be_held_again_at_once
                one_reservation_twice_in_a_batch_is_paid_once
                leaving_releases_the_holds_of_the_token
                one_room_twice_in_a_batch_admits_once
                edits_of_one_policy_in_a_batch_add_up
                the_newest_heartbeat_in_a_batch_counts
                expiring_twice_in_a_batch_expires_once
            ]
            idempotency [
                a_repetition_gets_the_first_answer_and_changes_nothing
                every_kind_of_answer_is_kept
                after_a_refusal_that_can_pass_the_same_key_tries_again
                a_repetition_gets_a_final_refusal_too
                one_key_twice_in_a_batch_has_one_effect
                a_key_used_for_something_else_is_refused
                keys_of_others_and_of_any_text_are_told_apart
                twenty_at_once_under_one_key_have_one_effect
                twenty_sign_ups_at_once_under_one_key_make_one_user
                twenty_announcements_at_once_under_one_key_make_one_concert
                forgetting_answers_takes_only_the_old
            ]
            races [
                two_hundred_ask_for_one_seat_and_one_gets_it
                overlapping_holds_in_opposite_order_never_deadlock
                best_blocks_asked_for_at_once_never_overlap
                five_hundred_charges_and_uses_of_one_account_all_count
                uses_at_once_never_take_more_than_there_is
                paying_expiring_and_releasing_at_once_have_one_winner
                leaving_and_paying_at_once_have_one_winner
                holding_and_leaving_at_once_leave_no_hold_behind
                holds_of_one_token_at_once_all_move_its_deadline
                one_reservation_paid_from_ten_tasks_is_paid_once
                one_address_signed_up_from_twenty_tasks_makes_one_user
                one_password_changed_from_ten_tasks_is_changed_once
                a_name_and_a_password_changed_at_once_are_both_changed
                one_hold_released_from_ten_tasks_is_released_once
                joins_at_once_get_places_without_a_gap
                one_person_joining_from_fifty_tasks_gets_one_token
                admitting_at_once_passes_neither_batch_nor_capacity
                two_edits_of_one_version_of_a_policy_do_not_both_count
                heartbeats_and_admissions_at_once_undo_nothing
                joining_leaving_and_admitting_at_once_keep_the_capacity
                expiring_tokens_at_once_writes_each_once
                expiring_holds_at_once_writes_each_once
                every_kind_of_command_at_once_never_deadlocks
            ]
            concerts [
                a_draft_is_listed_for_its_organizer_alone
                a_concert_reads_back_in_every_state
                a_change_of_state_that_is_not_allowed_is_refused
                nothing_of_a_draft_or_a_cancelled_concert_is_sold
                a_deleted_concert_leaves_nothing_behind
                a_concert_that_was_reserved_is_not_deleted
                an_edited_concert_reads_back
                concerts_are_found_by_words_and_dates
                concerts_are_found_by_the_place_of_a_date
                concerts_are_found_by_their_ids
                two_edits_of_one_version_of_a_concert_do_not_both_count
                holding_and_deleting_at_once_have_one_winner
                paying_and_cancelling_the_concert_at_once_have_one_winner
                joining_and_cancelling_at_once_never_deadlock
                a_concert_with_sales_is_cancelled_with_a_reason
            ]
            posters [
                a_poster_reads_back_with_its_images
                another_poster_takes_the_place_of_the_one_before
                a_poster_goes_with_its_concert
                two_posters_for_one_version_do_not_both_count
            ]
            extend_and_cancel [
                a_late_payment_takes_the_same_seats_again
                each_hold_of_a_token_is_paid_within_its_time
                a_hold_that_ended_with_its_token_is_paid_a_moment_late
                a_late_payment_that_cannot_have_its_seats_changes_nothing
                paying_late_and_holding_at_once_have_one_winner
                a_hold_is_extended_once
                a_hold_ends_with_its_schedule_and_is_extended_within_booking
                one_hold_extended_from_ten_tasks_is_extended_once
                a_cancelled_reservation_gives_points_and_seats_back
                cancelling_what_cannot_be_cancelled_is_refused
                one_reservation_cancelled_from_ten_tasks_is_refunded_once
                a_user_has_a_limited_number_of_live_holds_in_a_schedule
                who_holds_the_seats_already_is_told_the_own_hold
                holding_at_once_never_passes_the_bound
            ]
            orders [
                orders_are_found_by_ticket_seat_name_and_address
                orders_are_filtered_and_paged
                orders_are_found_by_printed_seats_and_names_of_any_script
                sales_are_told_by_time_section_and_price
            ]
            managed_schedules [
                a_person_has_a_limited_number_of_tickets_of_a_schedule
                holding_at_once_never_passes_the_limit_of_tickets
                an_edited_schedule_reads_back
                of_edits_made_from_one_version_one_is_done
                a_cancelled_schedule_sells_nothing
                each_ticket_of_a_cancelled_schedule_is_refunded_once
                a_payment_that_meets_a_cancellation_is_refused_or_refunded
                staff_and_holder_refund_a_ticket_once
                staff_end_reservations_whatever_their_deadline
                what_staff_did_reads_back
            ]
            deadlines [
                an_expired_hold_is_free_without_a_periodic_job
                a_best_block_uses_seats_whose_hold_expired
                overdue_active_tokens_take_no_capacity
                abandoned_tokens_are_neither_admitted_nor_waited_for
                a_long_abandoned_head_does_not_hide_the_line
                an_overdue_user_gets_a_new_token_without_a_periodic_job
                asking_again_in_line_moves_the_deadline
                an_abandoned_token_is_expired_after_a_grace
                expiring_leaves_alone_what_is_in_order
                a_shorter_idle_time_applies_from_the_next_heartbeat
                a_kept_deadline_is_written_by_room_and_sequence_number
                a_token_that_holds_again_and_again_ends
            ]
            lines [
                the_live_tokens_of_a_user_are_read_with_their_rooms
                following_the_changes_gives_every_rank
                changes_without_a_place_are_passed_over
                a_reader_that_follows_while_others_write_misses_nothing
                a_line_read_from_scratch_has_the_deadlines
                a_reader_for_whom_changes_are_gone_is_told_so
                all_rooms_are_read_with_their_newest_stamps
            ]
            pages [
                concerts_are_paged_newest_first
                schedules_are_paged_oldest_first
                operator_actions_are_paged_newest_first
                users_are_paged_newest_first
                sessions_that_ended_are_read_from_an_instant_on
                sales_count_each_seat_once
                what_is_left_is_told_as_of_the_instant
                the_next_dates_come_soonest_first
                the_next_opening_of_booking_is_the_earliest_to_come
                reservations_are_paged_by_their_status_now
                a_reference_finds_the_newest_reservation_that_has_it
                point_entries_are_paged_newest_first
                payments_are_paged_newest_first
                rooms_are_counted_as_of_the_instant
            ]
            venues [
                a_venue_reads_back_as_made_and_as_changed
                a_hall_reads_back_with_every_version_of_its_plan
                unknown_venues_and_halls_read_as_nothing
                venues_and_halls_are_paged_newest_first
                a_schedule_made_from_a_plan_reads_back
                the_best_seats_of_a_part_of_a_schedule_are_held
                a_plan_of_the_most_places_is_written_whole
                a_venue_is_changed_by_those_who_manage_it
                one_version_of_a_venue_is_changed_once_by_ten_tasks
                ten_plans_of_one_hall_at_once_are_ten_versions
            ]
            seat_blocks [
                blocked_seats_read_back
                blocked_seats_are_not_for_sale
                only_free_seats_are_blocked
                of_holds_and_blocks_of_one_seat_at_once_one_is_done
                seat_blocks_are_paged_newest_first
            ]
            complimentary_tickets [
                complimentary_tickets_read_back
                complimentary_tickets_take_seats_and_count_for_no_limit
                staff_alone_cancel_complimentary_tickets
                complimentary_tickets_of_a_cancelled_date_end_without_a_refund
                only_free_and_blocked_seats_are_given
                of_holds_and_gifts_of_one_seat_at_once_one_is_done
            ]
            tickets [
                a_payment_issues_tickets_that_read_back
                a_transferred_ticket_reads_back_for_both_users
                one_seat_of_a_reservation_is_cancelled
                tickets_end_with_their_reservation
                reservations_with_tickets_get_no_others
                of_transfers_and_cancellations_of_one_ticket_at_once_one_is_done
                tickets_are_paged_newest_first
            ]
            check_ins [
                a_check_in_reads_back
                a_check_in_that_is_taken_back_reads_back
                a_used_ticket_is_cancelled_by_staff_alone
                of_scans_of_one_ticket_at_once_one_counts
                of_a_transfer_and_a_scan_at_once_one_is_done
                a_repeated_scan_is_answered_as_before
                a_door_list_has_every_ticket_of_its_date
                users_are_shown_the_dates_of_their_doors
                assignments_read_back_and_end
                a_batch_of_assignments_is_written
                a_deleted_draft_takes_its_door_staff_along
            ]
            history [
                a_random_history_is_as_in_the_model
                another_random_history_is_as_in_the_model
            ]
            audits [
                sound_data_have_no_breaks
                lowering_a_capacity_is_no_break
                a_seat_held_anew_before_expiring_is_no_break
            ]
        }
    };
}

/// What takes tables: migrations, constraints, and violations planted behind the store's back.
#[macro_export]
macro_rules! contract_of_tables {
    ($fixture:ty) => {
        $crate::stamp! { hold_to $fixture;
            only_stores [
                expiring_holds_is_bounded_and_comes_to_an_end
                expiring_tokens_is_bounded_and_comes_to_an_end
                an_id_used_twice_is_corrupt_and_writes_nothing
                a_concert_of_no_user_is_corrupt_and_writes_nothing
                a_range_of_a_user_who_got_another_token_is_not_filled
            ]
            outages [
                an_outage_is_no_idle_time
                a_process_that_is_lost_gives_all_who_wait_a_heartbeat
                a_process_is_not_lost_by_an_outage_of_all
                deadlines_far_ahead_follow_pulse_by_pulse
                deadlines_that_come_up_move_at_once
            ]
        }
        mod on_tables {
            $crate::stamp! { hold_fixture_to $fixture;
                audits [
                    a_balance_off_by_one_is_found
                a_poster_without_its_widest_image_is_found
                an_image_of_another_poster_is_found
                    entries_that_come_to_more_than_64_bits_are_found
                    an_altered_entry_is_found
                    an_entry_with_another_balance_is_found
                    a_missing_entry_is_found
                    a_wrong_count_of_entries_is_found
                    a_user_without_an_account_is_found
                    a_seat_sold_without_payment_is_found
                    a_confirmed_reservation_without_payment_is_found
                    a_paid_seat_that_is_free_is_found
                    a_held_seat_that_is_free_is_found
                    a_seat_held_for_a_cancelled_reservation_is_found
                    a_seat_held_past_its_reservation_is_found
                    a_reservation_without_seats_is_found
                    a_wrong_total_price_is_found
                    a_payment_of_another_amount_is_found
                    a_payment_by_another_is_found
                    a_payment_without_an_entry_is_found
                    a_refund_of_a_payment_that_stands_is_found
                    a_cancelled_payment_without_a_refund_is_found
                    a_refund_of_another_amount_is_found
                    a_place_above_the_last_is_found
                    a_reserved_place_above_the_last_is_found
                    a_reserved_place_with_a_token_is_found
                    a_place_that_is_reserved_twice_is_found
                    a_stamp_above_the_rooms_is_found
                    more_active_than_the_capacity_is_found
                    a_token_that_ends_before_its_hold_is_found
                    a_wrong_count_of_seats_is_found
                    a_wrong_count_of_sold_seats_is_found
                    a_complimentary_ticket_whose_seat_is_free_is_found
                    a_paid_complimentary_ticket_is_found
                    a_check_in_that_was_lost_is_found
                    a_wrong_count_of_blocked_seats_is_found
                    a_blocked_seat_without_its_record_is_found
                    a_hall_without_its_newest_plan_is_found
                    a_schedule_of_another_plan_is_found
                    a_date_that_does_not_know_its_concert_was_cancelled_is_found
                    a_room_that_does_not_know_its_concert_is_a_draft_is_found
                ]
                lost_writes [
                    a_batch_whose_rows_are_not_all_written_is_rolled_back
                    a_lost_ticket_rolls_its_batch_back
                    a_lost_webhook_or_delivery_rolls_its_batch_back
                    a_lost_e_mail_rolls_its_batch_back
                    an_answer_that_is_not_kept_rolls_its_batch_back
                ]
                only_stores [
                    migrations_go_up_and_down_and_up_again
                    migrating_from_two_sides_at_once_succeeds
                    a_revenue_beyond_64_bits_is_corrupt
                    a_concert_has_no_more_seats_than_its_bound
                ]
            }
        }
    };
}

/// A test for each name, in a module for each file of the contract.
#[doc(hidden)]
#[macro_export]
macro_rules! stamp {
    ($hold:ident $fixture:ty; $($area:ident [$($name:ident)*])*) => {$(
        mod $area {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    $crate::contract::$hold::<$fixture>($crate::contract::$area::$name).await;
                }
            )*
        }
    )*};
}
