// The venues, and entering a new one.

import { useState } from 'preact/hooks';
import { post } from './api.js';
import { timeZone } from './format.js';
import { firstPage, useList } from './list.jsx';
import { go } from './router.js';
import { signedIn } from './session.js';
import { t } from './text.js';
import { TimeZoneField } from './time-zone-field.jsx';
import { Empty, Field, Form, Link, Table } from './ui.jsx';

/** The most characters of a venue's name, and of its address. */
export const NAME_MAX = 100;
export const ADDRESS_MAX = 300;

function NewVenue() {
  const [zone, setZone] = useState(timeZone);
  const enter = async ({ name, address }) => {
    const venue = await post('/venues', { name, address, timeZone: zone });
    await go(`/pages/venues/${venue.id}`);
  };
  return (
    <section class="card">
      <h2>{t('venues.new')}</h2>
      <Form submit={enter} button={t('venues.enter')} class="grid">
        <Field label={t('field.name')} id="name" name="name" maxLength={NAME_MAX} autoComplete="off" />
        <Field label={t('field.address')} id="address" name="address" maxLength={ADDRESS_MAX} required={false} autoComplete="off" />
        <TimeZoneField value={zone} onInput={({ currentTarget }) => setZone(currentTarget.value)} />
      </Form>
    </section>
  );
}

const Venue = ({ venue }) => (
  <tr>
    <th scope="row"><Link href={`/pages/venues/${venue.id}`}>{venue.name}</Link></th>
    <td>{venue.address}</td>
    <td>{venue.timeZone}</td>
    <td>{venue.organizerId === signedIn()?.id && <span class="tag good">{t('venues.own')}</span>}</td>
  </tr>
);

function View({ data, signal }) {
  const { items, more } = useList(data, signal);
  return (
    <>
      <h1>{t('venues.title')}</h1>
      {items.length
        ? (
          <Table label={t('venues.title')} columns={['field.name', 'field.address', 'field.timeZone', 'venues.whose']}>
            {items.map((venue) => <Venue key={venue.id} venue={venue} />)}
          </Table>
        )
        : <Empty icon="seat"><p>{t('venues.none')}</p></Empty>}
      {more}
      <NewVenue />
    </>
  );
}

export const venues = { load: ({ signal }) => firstPage('/venues', signal), View };
