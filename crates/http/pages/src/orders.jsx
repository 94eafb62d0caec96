// Reservations with their holders, as staff see them: found, released, cancelled and refunded.

import { useState } from 'preact/hooks';
import { get, post } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { clock, moment, points, seatName, zoneOf } from './format.js';
import { Icon } from './icons.jsx';
import { firstPage, useList } from './list.jsx';
import { ReasonForm } from './reason-form.jsx';
import { go } from './router.js';
import { signedIn } from './session.js';
import { t } from './text.js';
import { Empty, Field, Form, Link, Table, say } from './ui.jsx';

const STATUSES = ['HELD', 'CONFIRMED', 'EXPIRED', 'CANCELLED'];
/** How an order that is held, or paid, is ended. */
const ENDINGS = { HELD: ['orders.release', 'orders.releaseSure', 'orders.released'], CONFIRMED: ['orders.refund', 'orders.refundSure', 'orders.refunded'] };
const COLUMNS = ['orders.holder', 'orders.seats', 'orders.date', 'orders.state', 'orders.end'];
const TAGS = { HELD: 'soon', CONFIRMED: 'good' };

/** What the address asks for: `q` and `status`. */
function asked() {
  const given = new URLSearchParams(location.search);
  return new URLSearchParams(['q', 'status'].filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
}

/** An address with a query, if it has one. */
const withQuery = (path, query) => (query.size ? `${path}?${query}` : path);

function Search() {
  const query = asked();
  const submit = async ({ q, status }) => {
    const wanted = Object.entries({ q: q.trim(), status }).filter(([, value]) => value);
    await go(withQuery(location.pathname, new URLSearchParams(wanted)));
  };
  return (
    <section class="card search" role="search" aria-label={t('orders.search')}>
      <Form submit={submit} button={<><Icon name="search" />{t('orders.search')}</>} class="grid">
        <Field label={t('orders.q')} id="q" name="q" type="search" maxLength={100} required={false} autoComplete="off" defaultValue={query.get('q') ?? ''} hint={t('orders.qHint')} />
        <Field label={t('orders.state')} as="select" id="status" name="status" required={false}>
          <option value="">{t('orders.any')}</option>
          {STATUSES.map((status) => <option key={status} value={status} selected={query.get('status') === status}>{t(`orders.${status}`)}</option>)}
        </Field>
      </Form>
    </section>
  );
}

/** The reservation that an earlier attempt without an answer has ended; throws the refusal where none has. */
async function alreadyEnded({ id, concertId }, refusal) {
  if (!refusal.isRepetition || refusal.code !== 'RESERVATION_CANCELLED') throw refusal;
  const { items: [found] } = await get(`/orders?concertId=${concertId}&q=${id}`);
  if (found?.reservation.status !== 'CANCELLED') throw refusal;
  return found.reservation;
}

/** The form that ends an order, in a row of its own below it. */
function Ending({ order: { reservation, holder }, onEnd }) {
  const [button, sure, done] = ENDINGS[reservation.status];
  const end = async (reason) => {
    const ended = await post(`/orders/${reservation.id}/cancellation`, { reason }).catch((error) => alreadyEnded(reservation, error));
    say(t(done, { name: holder.name }));
    onEnd(ended);
  };
  return (
    <tr>
      <td colSpan={COLUMNS.length}>
        <div class="stays"><ReasonForm id={reservation.id} button={t(button)} sure={t(sure, { name: holder.name, price: points(reservation.totalPrice) })} submit={end} /></div>
      </td>
    </tr>
  );
}

function Order({ order, concert, isTitled, replace }) {
  const { reservation, holder, startsAt } = order;
  const zone = zoneOf(concert);
  const [isEnding, setEnding] = useState(false);
  const [action] = ENDINGS[reservation.status] ?? [];
  const seats = reservation.seats.map(seatName).join(' · ');
  const name = action && t('orders.ofHolder', { action: t(action), name: holder.name, seats });
  return (
    <>
      <tr>
        <th scope="row">{holder.name}<small>{holder.email}</small></th>
        <td>{seats}<small>{points(reservation.totalPrice)}</small></td>
        <td>{isTitled && concert.title}<small>{moment(startsAt, zone)}</small></td>
        <td>
          <span class={`tag ${TAGS[reservation.status] ?? ''}`}>{t(`orders.${reservation.status}`)}</span>
          {reservation.status === 'HELD' && <small>{t('orders.until', { at: clock(reservation.expiresAt, zone) })}</small>}
        </td>
        <td>{action && <button type="button" aria-expanded={isEnding} aria-label={name} onClick={() => setEnding(!isEnding)}>{t(action)}</button>}</td>
      </tr>
      {isEnding && action && <Ending order={order} onEnd={(ended) => replace(order, { ...order, reservation: { ...reservation, ...ended } })} />}
    </>
  );
}

function View({ data: { list, concerts }, params: [id], signal }) {
  const { items, more, replace } = useList(list, signal);
  const title = id && concerts.get(id).title;
  return (
    <>
      <h1>{title ? t('orders.of', { title }) : t('orders.title')}</h1>
      {id && (
        <div class="row">
          <Link class="button" href={`/pages/concerts/${id}/sales`}>{t('room.sales')}</Link>
          <a class="button" href={`/api/v1/concerts/${id}/attendees.csv`} download="attendees.csv"><Icon name="download" />{t('orders.csv')}</a>
        </div>
      )}
      <Search />
      {signedIn()?.role === 'OPERATOR' && <p class="quiet">{t('orders.recorded')}</p>}
      {items.length
        ? (
          <Table label={t('orders.title')} columns={COLUMNS}>
            {items.map((order) => (
              <Order key={order.reservation.id} order={order} concert={concerts.get(order.reservation.concertId)} isTitled={!id} replace={replace} />
            ))}
          </Table>
        )
        : <Empty icon="search"><p>{t('orders.none')}</p></Empty>}
      {more}
    </>
  );
}

async function load({ params: [id], signal }) {
  const query = asked();
  if (id) query.set('concertId', id);
  const complete = async (orders) => {
    await concertsById([id, ...orders.map(({ reservation }) => reservation.concertId)], signal);
    return orders;
  };
  const list = await firstPage(withQuery('/orders', query), signal, complete);
  return { list, concerts: await concertsById([], signal) };
}

export const orders = { load, View };
