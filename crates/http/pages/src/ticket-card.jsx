// A ticket as it is shown at the entrance; a void one says why.

import { useEffect, useReducer, useState } from 'preact/hooks';
import { pause, request } from './api.js';
import { date, moment, placeOf, points, seatName, zoneOf } from './format.js';
import { useModel } from './hooks.js';
import { Icon } from './icons.jsx';
import { rest } from './rest.js';
import { router } from './router.js';
import { signInCount } from './session.js';
import { t } from './text.js';
import { headingOf, TicketActions } from './ticket-actions.jsx';
import { Button, Failure, Notice } from './ui.jsx';

/** Whether a ticket admits its holder, or has. */
export const isValid = ({ status }) => status !== 'VOID';

/**
 * The code of a ticket that is not void. It is fetched like data, so that a failure is explained and can be repeated. The first view of a page has that of
 * the first ticket; the others follow.
 */
function Code({ ticket: { id, number }, isFirst }) {
  rest.enter();
  useModel(rest);
  const [{ drawing, error }, setState] = useState({});
  const [serial, again] = useReducer((count) => count + 1, 0);
  const isDue = isFirst || rest.isAtRest;
  useEffect(() => {
    if (!isDue) return undefined;
    const gone = new AbortController();
    setState({});
    request('GET', `/tickets/${id}/qr-code`, { signal: gone.signal, read: (response) => response.text() }).then(
      (svg) => setState({ drawing: `data:image/svg+xml,${encodeURIComponent(svg)}` }),
      (failure) => {
        if (gone.signal.aborted) return;
        setState({ error: failure });
        // The ticket became void after it was read.
        if (failure.code === 'TICKET_VOID') router.refresh();
      },
    );
    return () => gone.abort();
  }, [id, isDue, serial, signInCount()]);
  if (error) return <div class="code"><Failure error={error} again={again} /></div>;
  return <div class="code qr" aria-busy={!drawing}>{drawing && <img src={drawing} alt={t('ticket.qr', { number })} />}</div>;
}

/** How the date of tickets was changed after they were sold. */
export const DateNews = ({ of: { moved, scheduleCancelReason: reason, ...of } }) => (
  <div class="narrow screen-only">
    {moved && <Notice kind="note"><p>{t('ticket.moved', { from: date(moved.from, zoneOf(of)) })}</p></Notice>}
    {reason && <Notice kind="error"><p>{t('ticket.dateCancelled', { reason })}</p></Notice>}
  </div>
);

const Valid = ({ ticket, isFirst }) => (
  <>
    <div class="words">
      <p class="name">{ticket.title}</p>
      <h2 id={headingOf(ticket)} tabIndex={-1}>{seatName(ticket.seat)}</h2>
      <p class="fact"><Icon name="calendar" />{date(ticket.startsAt, zoneOf(ticket))}</p>
      {ticket.venue && <p class="fact"><Icon name="place" />{placeOf(ticket)}</p>}
      <p class="fact"><Icon name="person" /><span class="unseen">{t('ticket.holder')}</span>{ticket.holderName}</p>
    </div>
    <Code ticket={ticket} isFirst={isFirst} />
    <div class="number">
      <small>{t('ticket.id')}</small>
      <strong>{ticket.number}</strong>
      {ticket.checkIn
        ? <p class="tag good">{t('ticket.in', { at: moment(ticket.checkIn.scannedAt, zoneOf(ticket)), door: ticket.checkIn.door })}</p>
        : <p class="screen-only">{t('ticket.show')}</p>}
    </div>
  </>
);

/** Why a ticket is void, and since when. */
function reasonOf({ voidReason, voidAt, seat, ...ticket }) {
  return t(`ticket.${voidReason}`, { at: moment(voidAt, zoneOf(ticket)), price: points(seat.price) });
}

const Void = ({ ticket }) => (
  <>
    <p class="name">{ticket.title}</p>
    <h2 id={headingOf(ticket)} tabIndex={-1}><s>{seatName(ticket.seat)}</s></h2>
    <p><s>{ticket.number}</s> <span class="tag">{t('ticket.VOID')}</span></p>
    <p class="label">{reasonOf(ticket)}</p>
  </>
);

/** One of a list of tickets; `onChange` gets what became of it, and of its reservation if that changed. */
export const TicketCard = ({ ticket, isFirst, onChange }) => (
  <li class={`card ticket ${isValid(ticket) ? '' : 'void screen-only'}`}>
    {isValid(ticket) ? <Valid ticket={ticket} isFirst={isFirst} /> : <Void ticket={ticket} />}
    <TicketActions ticket={ticket} onChange={onChange} />
  </li>
);

/** How often, and at intervals of how many milliseconds, printing waits for codes that are on their way. */
const WAITS = { count: 50, every: 100 };

async function printWithCodes() {
  rest.end();
  for (let count = 0; count < WAITS.count && document.querySelector('.qr[aria-busy=true]'); count += 1) await pause(WAITS.every);
  print();
}

export const Print = () => <Button work={printWithCodes}><Icon name="print" />{t('ticket.print')}</Button>;
