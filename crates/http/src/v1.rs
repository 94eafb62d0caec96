//! `/api/v1`.

pub(crate) mod concert;
pub(crate) mod event_streams;
pub(crate) mod operator_action;
pub(crate) mod payment;
pub(crate) mod point;
pub(crate) mod queue_events;
pub(crate) mod queue_token;
pub(crate) mod reservation;
pub(crate) mod room;
pub(crate) mod sales;
pub(crate) mod schedule;
pub(crate) mod seat_events;
pub(crate) mod session;
pub(crate) mod user;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) const PREFIX: &str = "/api/v1";

/// Mounts every operation; routes are tried in this order, so those asked for most come first.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(queue_token::look)
        .service(reservation::hold)
        .service(payment::pay)
        .service(schedule::seats)
        .service(point::charge)
        .service(queue_token::join_concert)
        .service(user::sign_up)
        .service(user::me)
        .service(session::log_in)
        .service(session::log_out)
        .service(session::log_out_everywhere)
        .service(concert::create)
        .service(concert::list)
        .service(concert::find)
        .service(schedule::create)
        .service(schedule::list)
        .service(seat_events::follow)
        .service(queue_token::join_site)
        .service(queue_events::follow)
        .service(queue_token::keep_alive)
        .service(queue_token::leave)
        .service(reservation::list)
        .service(reservation::find)
        .service(reservation::qr_code)
        .service(reservation::give_back)
        .service(reservation::extension::extend)
        .service(reservation::cancellation::cancel)
        .service(point::balance)
        .service(point::history)
        .service(point::spend)
        .service(payment::list)
        .service(payment::find)
        .service(room::list)
        .service(room::find)
        .service(room::change_policy)
        .service(operator_action::list)
        .service(sales::read)
        .service(user::find);
}
