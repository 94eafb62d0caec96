// The page of one ticket.

import { get } from './api.js';
import { useShown } from './hooks.js';
import { go } from './router.js';
import { t } from './text.js';
import { DateNews, isValid, Print, TicketCard } from './ticket-card.jsx';
import { Link } from './ui.jsx';

function View({ data }) {
  const [{ ticket, hasReservation }, setShown] = useShown(data);
  return (
    <>
      <h1 class="screen-only center">{t('ticket.title')}</h1>
      <DateNews of={ticket} />
      <ul class="tickets"><TicketCard ticket={ticket} isFirst onChange={(changed) => setShown({ ticket: changed, hasReservation })} /></ul>
      <div class="row center screen-only">
        {isValid(ticket) && <Print />}
        {hasReservation && <Link class="button" href={`/pages/reservations/${ticket.reservationId}`}>{t('ticket.whole')}</Link>}
        <Link class="button" href="/pages/tickets">{t('tickets.title')}</Link>
      </div>
    </>
  );
}

/** What is not found is nothing. */
const unlessMissing = (error) => {
  if (error.status !== 404) throw error;
};

async function load({ params: [id], signal }) {
  const ticket = await get(`/tickets/${id}`, { signal }).catch(unlessMissing);
  // Before there were tickets, this was the address of a reservation. A ticket that another user paid for has none to read.
  const reservation = await get(`/reservations/${ticket?.reservationId ?? id}`, { signal }).catch(ticket ? () => {} : undefined);
  if (!ticket) return go(`/pages/reservations/${id}`, { replace: true });
  return { ticket, hasReservation: Boolean(reservation) };
}

export const ticket = { refreshes: true, load, View };
