// An organizer's own concerts in every state, and the ways to edit them and to how each sells.

import { post } from './api.js';
import { BookingState } from './booking-state.jsx';
import { ConcertCard } from './concerts.jsx';
import { firstPage, useList } from './list.jsx';
import { turnOf } from './poster.jsx';
import { go } from './router.js';
import { StateTag } from './state-tag.jsx';
import { t } from './text.js';
import { Empty, Field, Form, Link } from './ui.jsx';

/** The most posters of the first view. */
const POSTERS_MAX = 3;

const Own = ({ concert, index }) => (
  <ConcertCard concert={concert} href={`/pages/organize/concerts/${concert.id}`} turn={turnOf(index, POSTERS_MAX)}>
    <p class="facts-line"><StateTag concert={concert} />{concert.state === 'PUBLISHED' && <BookingState concert={concert} />}</p>
    <p class="above row">
      <Link class="button" href={`/pages/organize/concerts/${concert.id}`}>{t('ownConcerts.edit')}</Link>
      <Link class="button" href={`/pages/concerts/${concert.id}/sales`}>{t('room.sales')}</Link>
      <Link class="button" href={`/pages/concerts/${concert.id}/orders`}>{t('orders.title')}</Link>
      {concert.state !== 'CANCELLED' && <Link class="button" href={`/pages/concerts/${concert.id}/dates`}>{t('organize.addDate')}</Link>}
    </p>
  </ConcertCard>
);

/** A draft begins with its title; the rest is edited. */
function NewDraft() {
  const create = async ({ title }) => {
    const { id } = await post('/concerts', { title, state: 'DRAFT' });
    await go(`/pages/organize/concerts/${id}`);
  };
  return (
    <Form submit={create} button={t('ownConcerts.create')} class="card inline">
      <Field label={t('ownConcerts.new')} id="new-title" name="title" maxLength={200} autoComplete="off" />
    </Form>
  );
}

function View({ data, signal }) {
  const { items, more } = useList(data, signal);
  return (
    <>
      <h1>{t('ownConcerts.title')}</h1>
      <p><Link class="button primary" href="/pages/organize">{t('organize.title')}</Link></p>
      <NewDraft />
      {items.length
        ? <ul class="cards">{items.map((concert, index) => <Own key={concert.id} concert={concert} index={index} />)}</ul>
        : <Empty icon="calendar"><p>{t('ownConcerts.none')}</p></Empty>}
      {more}
    </>
  );
}

export const ownConcerts = { load: ({ signal }) => firstPage('/users/me/concerts', signal), View };
