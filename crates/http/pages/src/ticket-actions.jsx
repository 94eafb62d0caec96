// What the holder of a ticket can do with it: transfer it, cancel its seat, put its date into a calendar.

import { useState } from 'preact/hooks';
import { post } from './api.js';
import { points, seatName } from './format.js';
import { Icon } from './icons.jsx';
import { router } from './router.js';
import { t } from './text.js';
import { Button, Failure, Field, Form, say } from './ui.jsx';

/** The id of a ticket's heading, which gets the keyboard when the buttons are gone. */
export const headingOf = ({ id }) => `ticket-${id}`;

/** Refusals that tell that the ticket is no longer what the page shows. */
const isOutdated = ({ status, code }) => [403, 404, 409].includes(status) && !['USER_NOT_FOUND', 'OWN_TICKET'].includes(code);

/** The card says below its buttons what failed. */
const Nothing = () => null;

/** Asks for the address of the user who gets a ticket. */
function Transfer({ ticket: { id }, transfer }) {
  return (
    <Form submit={transfer} button={t('ticket.transferSubmit')} explain={Nothing}>
      <p class="quiet">{t('ticket.transferHow')}</p>
      <Field label={t('ticket.recipient')} id={`recipient-${id}`} name="email" type="email" autoComplete="off" />
    </Form>
  );
}

export function TicketActions({ ticket, onChange }) {
  const { id, transferable, cancellable } = ticket;
  const [isTransferring, setTransferring] = useState(false);
  const [trouble, setTrouble] = useState();
  const seat = seatName(ticket.seat);

  /** Makes a change and shows what came of it. What it refuses stays in sight, and what is out of date is read again. */
  const attempt = async (path, body, take) => {
    setTrouble(undefined);
    try {
      take(await post(`/tickets/${id}/${path}`, body));
    } catch (error) {
      setTrouble(error);
      if (!isOutdated(error)) return;
    }
    // The page has the outcome already: a read that fails changes nothing.
    await router.refresh();
  };
  /** The ticket is void: its buttons are gone, and the keyboard is at its heading. */
  const voided = (changes, said) => {
    onChange({ ...ticket, status: 'VOID', transferable: false, cancellable: false, ...changes }, changes.reservation);
    say(said);
    setTimeout(() => document.getElementById(headingOf(ticket))?.focus());
  };
  const transfer = async ({ email }) => {
    if (!confirm(t('ticket.transferSure', { email, seat }))) return;
    await attempt('transfer', { email }, ({ voidReason, voidAt }) => voided({ voidReason, voidAt }, t('ticket.transferred', { email, seat })));
  };
  const cancel = async () => {
    const price = points(ticket.seat.price);
    if (!confirm(t('ticket.cancelSeatSure', { price, seat }))) return;
    const done = { voidReason: 'SEAT_CANCELLED' };
    await attempt('cancellation', undefined, ({ reservation, entry }) => voided({ ...done, voidAt: entry.createdAt, reservation }, t('ticket.seatCancelled', { price, seat })));
  };

  const named = (action) => `${t(action)}: ${seat}`;
  return (
    <div class="screen-only">
      {ticket.status === 'VALID' && (
        <div class="row center">
          <a class="button" href={`/api/v1/tickets/${id}/calendar`} download="ticket.ics" aria-label={named('ticket.calendar')}><Icon name="calendar" />{t('ticket.calendar')}</a>
          {transferable && (
            <button type="button" aria-expanded={isTransferring} aria-label={named('ticket.transfer')} onClick={() => setTransferring(!isTransferring)}>
              <Icon name="arrow" />{t('ticket.transfer')}
            </button>
          )}
          {cancellable && <Button work={cancel} aria-label={named('ticket.cancelSeat')}><Icon name="close" />{t('ticket.cancelSeat')}</Button>}
        </div>
      )}
      {isTransferring && transferable && <Transfer ticket={ticket} transfer={transfer} />}
      {(ticket.status === 'VALID' || !trouble?.endsSession) && <Failure error={trouble} />}
    </div>
  );
}
