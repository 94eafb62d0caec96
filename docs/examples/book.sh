#!/usr/bin/env bash
# From the queue to the ticket with curl and jq.
#
#   docs/examples/book.sh [ADDRESS]    ADDRESS is http://127.0.0.1:8080 unless given
#
# STAGEDOOR_EMAIL and STAGEDOOR_PASSWORD name the user; the default is the demonstration's fan.
# Paying completes the queue token, so the same user must not book elsewhere at the same time.
set -euo pipefail

api=${1:-http://127.0.0.1:8080}/api/v1
email=${STAGEDOOR_EMAIL:-fan@example.com} password=${STAGEDOOR_PASSWORD:-stagedoor}
attempt=$(date +%s%N) # repeated requests of one attempt have the same Idempotency-Keys
token=''

# Arguments: a method, a path, and more for curl. Prints the body; waits and repeats when the service is busy.
call() {
    local method=$1 path=$2 answer status
    shift 2
    for _ in 1 2 3 4 5; do
        answer=$(curl -sS -X "$method" "$api$path" -H 'Content-Type: application/json' \
            ${token:+-H "Authorization: Bearer $token"} -w '\n%{http_code} %header{retry-after}' "$@")
        read -r status wait <<<"${answer##*$'\n'}"
        answer=${answer%$'\n'*}
        case $status in
        2??) printf '%s' "$answer" && return ;;
        503 | 429) sleep "${wait:-1}" ;;
        *) break ;;
        esac
    done
    jq -r .detail <<<"$answer" >&2
    return 1
}

token=$(call POST /sessions -d "$(jq -n --arg e "$email" --arg p "$password" '{email: $e, password: $p}')" | jq -r .accessToken)
concert=$(call GET /concerts | jq -r 'first(.items[] | select(.bookable)).id')
[ -n "$concert" ] || { echo "nothing can be booked now" >&2 && exit 1; }

place=$(call POST "/concerts/$concert/queue-tokens" -H "Idempotency-Key: join-$attempt")
token=$(jq -r .token <<<"$place")
while [ "$(jq -r .status <<<"$place")" = WAITING ]; do
    echo "waiting: $(jq -r .ahead <<<"$place") people are ahead" >&2
    sleep "$(jq -r .pollAfterSeconds <<<"$place")"
    place=$(call GET /queue-tokens/me)
done

schedule=$(call GET "/concerts/$concert/schedules?available=true" | jq -r '.items[0].id')
hold=$(call POST /reservations -H "Idempotency-Key: hold-$attempt" -d "{\"scheduleId\": \"$schedule\", \"bestAvailable\": 2}")

missing=$(($(jq .totalPrice <<<"$hold") - $(call GET /points | jq .balance)))
if [ "$missing" -gt 0 ]; then
    call POST /points/charges -H "Idempotency-Key: charge-$attempt" -d "{\"amount\": $missing}" >/dev/null
fi

payment=$(call POST /payments -H "Idempotency-Key: pay-$attempt" -d "{\"reservationId\": $(jq .id <<<"$hold")}")
jq -c '.reservation | {reservationId: .id, status, seats: [.seats[].number]}' <<<"$payment"
