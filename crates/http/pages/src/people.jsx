// Finding a person, their role, and what they reserved.

import { useState } from 'preact/hooks';
import { all, get, post, put } from './api.js';
import { concertsById } from './concerts-by-id.js';
import { clock, moment, points, seatName, zoneOf } from './format.js';
import { ReasonForm } from './reason-form.jsx';
import { t } from './text.js';
import { Empty, Field, Form, Link, Notice, say } from './ui.jsx';

const Card = ({ reservation, concert }) => (
  <li class="card">
    <h3>{concert.title}</h3>
    <p>{reservation.seats.map(seatName).join(' · ')}</p>
    <p>{points(reservation.totalPrice)} · {moment(reservation.createdAt)}</p>
    <p class="tag">{t(`status.${reservation.status}`, { at: clock(reservation.expiresAt, zoneOf(concert)) })}</p>
    <p class="quiet"><code>{reservation.id}</code></p>
  </li>
);

async function find(email, signal) {
  const person = await get(`/users?email=${encodeURIComponent(email)}`, { signal }).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
  if (!person) return {};
  const [reservations, tokens] = await Promise.all([all(`/reservations?userId=${person.id}`, { signal }, 100), get(`/queue-tokens?userId=${person.id}`, { signal })]);
  const concerts = await concertsById([...reservations, ...tokens].map(({ concertId }) => concertId), signal);
  return { person, reservations, tokens, concerts };
}

/** A place in a queue, with the form that ends it. */
function Token({ token, title }) {
  const [isRemoved, setRemoved] = useState(false);
  const name = title ?? t('rooms.site');
  const remove = async (reason) => {
    await post(`/queue-tokens/${token.id}/removal`, { reason });
    setRemoved(true);
    say(t('people.tokenRemoved', { title: name }));
  };
  return (
    <li class="card">
      <h3><Link href={`/pages/rooms/${token.roomId}`}>{name}</Link></h3>
      <p class="tag">{t(isRemoved ? 'people.REMOVED' : `people.${token.status}`)}</p>
      <p>{t('people.joined', { at: moment(token.createdAt) })}</p>
      {!isRemoved && (
        <details>
          <summary>{t('room.remove')}</summary>
          <ReasonForm id={token.id} button={t('room.remove')} sure={t('people.removeSure', { title: name })} submit={remove} />
        </details>
      )}
    </li>
  );
}

const ROLES = ['FAN', 'ORGANIZER', 'DOOR', 'OPERATOR'];

/** The role of a person, to be changed. */
function Role({ person }) {
  const [role, setRole] = useState(person.role);
  const [text, setText] = useState();
  const done = (said) => {
    setText(said);
    say(said);
  };
  const submit = async ({ role: wanted }) => {
    setText(undefined);
    if (wanted === role) return done(t('room.nothing'));
    if (!confirm(t('people.roleSure', { name: person.name, role: t(`people.${wanted}`) }))) return undefined;
    await put(`/users/${person.id}/role`, { role: wanted });
    setRole(wanted);
    return done(t('people.roleDone', { name: person.name, role: t(`people.${wanted}`) }));
  };
  return (
    <section class="card">
      <Form submit={submit} button={t('people.changeRole')} class="grid">
        <Field label={t('people.role')} as="select" id="role" name="role" hint={t('people.roleHint')}>
          {ROLES.map((name) => <option key={name} value={name} selected={name === role}>{t(`people.${name}`)}</option>)}
        </Field>
        {text && <div role="status"><Notice kind="good"><p>{text}</p></Notice></div>}
      </Form>
    </section>
  );
}

function Found({ found: { person, reservations, tokens, concerts } }) {
  if (!person) return <Empty icon="search"><p>{t('people.none')}</p></Empty>;
  return (
    <>
      <h2>{person.name} · {person.email}</h2>
      <p class="quiet">{t('people.since', { at: moment(person.createdAt) })}</p>
      <Role key={person.id} person={person} />
      {tokens.length > 0 && (
        <>
          <h2>{t('people.tokens')}</h2>
          <ul class="cards">{tokens.map((token) => <Token key={token.id} token={token} title={concerts.get(token.concertId)?.title} />)}</ul>
        </>
      )}
      <h2>{t('people.reservations')}</h2>
      {reservations.length
        ? <ul class="cards">{reservations.map((reservation) => <Card key={reservation.id} reservation={reservation} concert={concerts.get(reservation.concertId)} />)}</ul>
        : <Empty icon="ticket"><p>{t('people.noReservations')}</p></Empty>}
    </>
  );
}

function View({ signal }) {
  const [found, setFound] = useState();
  return (
    <>
      <h1>{t('people.title')}</h1>
      <section class="card search">
        <Form submit={async ({ email }) => setFound(await find(email, signal))} button={t('people.find')} class="grid">
          <Field label={t('signIn.email')} id="email" name="email" type="email" autoComplete="off" />
        </Form>
      </section>
      <section aria-live="polite">{found && <Found found={found} />}</section>
    </>
  );
}

export const people = { View };
