// The seat map of a date for staff: seats are chosen, then blocked, put back on sale or given away.

import { useEffect, useRef } from 'preact/hooks';
import { moment, number, zoneOf } from './format.js';
import { useModel } from './hooks.js';
import { useList } from './list.jsx';
import { ReasonForm } from './reason-form.jsx';
import { SeatPlan, Trouble, runsOf } from './seat-page.js';
import { t } from './text.js';
import { Button, Field, Notice, Table } from './ui.jsx';

/** The most runs of seats that are named one by one. */
const RUNS_SHOWN = 6;

/** Seats in words; many are shortened. */
function inWords(hall, numbers) {
  const runs = runsOf(hall, numbers);
  const named = runs.slice(0, RUNS_SHOWN).join(' · ');
  return runs.length > RUNS_SHOWN ? t('blocks.andMore', { seats: named, n: number(runs.length - RUNS_SHOWN) }) : named;
}

/** How many free places of a standing area are chosen. */
function StandingField({ seats, section }) {
  const count = seats.standing(section).length;
  const left = seats.states.free(section.first, section.last);
  return (
    <Field
      label={t('blocks.standing', { name: section.name })} id={`standing-${section.index}`} type="number" min={0} max={Math.min(left, seats.most)} step={1} inputMode="numeric" value={count}
      hint={t('seats.left', { n: number(left) })} onChange={({ currentTarget }) => seats.stand(section, Math.max(0, Math.min(Number(currentTarget.value), left)))}
    />
  );
}

/** Ways to choose more than one seat at once. */
function Extend({ seats }) {
  const last = [...seats.chosen.values()].at(-1);
  if (!last?.row) return null;
  return (
    <>
      <button type="button" onClick={() => seats.extend(last.row)}>{t('blocks.row')}</button>
      <button type="button" onClick={() => seats.extend(last.of)}>{t('blocks.section')}</button>
    </>
  );
}

/** Puts blocked seats back on sale. As all changes of seats, it waits for the one before: a repetition of that would undo it. */
const Removal = ({ seats, numbers, children, ...attributes }) => <Button work={() => seats.unblock(numbers)} disabled={seats.isBusy} {...attributes}>{children}</Button>;

/** A form that changes the chosen seats. */
const Change = ({ name, seats, submit, children }) => {
  const values = { n: number(seats.chosen.size) };
  return (
    <details class="past" open={name === 'blocks.block'}>
      <summary>{t(name)}</summary>
      <ReasonForm id={name} button={t(`${name}Button`, values)} sure={t(`${name}Sure`, values)} submit={submit} disabled={seats.isBusy}>{children}</ReasonForm>
    </details>
  );
};

function Changes({ seats }) {
  const { canBlock, canUnblock, canGive } = seats;
  return (
    <>
      {canBlock && <Change name="blocks.block" seats={seats} submit={(reason) => seats.block(reason)} />}
      {canGive && (
        <Change name="gift.give" seats={seats} submit={(reason, { email }) => seats.give(email, reason)}>
          <Field label={t('field.email')} id="gift-email" name="email" type="email" maxLength={254} autoComplete="off" hint={t('gift.emailHint')} />
        </Change>
      )}
      {!canBlock && !canUnblock && !canGive && seats.chosen.size > 0 && <Notice kind="note"><p>{t('blocks.mixed')}</p></Notice>}
    </>
  );
}

/** The chosen seats, and what can be done with them. */
function Chosen({ seats }) {
  const { hall, chosen, canUnblock, said } = seats;
  const standing = hall.sections.filter((section) => section.standing);
  return (
    <aside class="card" aria-label={t('seats.chosen')}>
      <h3>{t('blocks.chosen', { n: number(chosen.size) })}</h3>
      <p class={chosen.size ? undefined : 'quiet'}>{chosen.size ? inWords(hall, seats.numbers) : t('blocks.choose')}</p>
      {standing.map((section) => <StandingField key={section.index} seats={seats} section={section} />)}
      {chosen.size > 0 && (
        <div class="row">
          <Extend seats={seats} />
          <button type="button" class="plain" onClick={() => seats.clear()}>{t('blocks.clear')}</button>
        </div>
      )}
      {canUnblock && <Removal seats={seats} numbers={seats.numbers} kind="primary">{t('blocks.removeButton', { n: number(chosen.size) })}</Removal>}
      <Changes seats={seats} />
      <div role="status">{said && <Notice kind="good"><p>{t(said[0], { ...said[1], n: number(said[1].n) })}</p></Notice>}</div>
      <Trouble trouble={seats.trouble} />
    </aside>
  );
}

function Block({ seats, block }) {
  const names = inWords(seats.hall, block.seatNumbers);
  return (
    <tr>
      <th scope="row">{names}</th>
      <td class="amount">{number(block.seatNumbers.length)}</td>
      <td>{block.reason}</td>
      <td>{moment(block.blockedAt, zoneOf(seats.schedule))}</td>
      <td><Removal seats={seats} numbers={block.seatNumbers} aria-label={t('blocks.removeOf', { seats: names })}>{t('blocks.remove')}</Removal></td>
    </tr>
  );
}

function Blocks({ seats, signal }) {
  const { items, more } = useList(seats.blocks, signal);
  if (!items.length) return null;
  return (
    <section class="blocks">
      <h3>{t('blocks.title')}</h3>
      <Table label={t('blocks.title')} columns={['orders.seats', 'blocks.count', 'field.reason', 'points.when', 'blocks.remove']} amounts={['blocks.count']}>
        {items.map((block) => <Block key={block.id} seats={seats} block={block} />)}
      </Table>
      {more}
    </section>
  );
}

/** A live map of a date; nothing can be chosen if it `isOver`. */
export function ManagedSeatsView({ seats, isOver, signal, onProblem }) {
  useModel(seats);
  const areas = useRef();
  useEffect(() => {
    const gone = new AbortController();
    const until = AbortSignal.any([signal, gone.signal]);
    seats.follow(until).catch((error) => !until.aborted && onProblem(error));
    return () => gone.abort();
  }, [seats]);
  const map = (
    <div class="plan">
      <SeatPlan
        hall={seats.hall} states={seats.states} stateOf={(seat) => seats.stateOf(seat)} subscribe={(listener) => seats.followSeats(listener)} label={t('seats.map')} showsBlocked
        pick={isOver ? undefined : (seat) => seats.toggle(seat)} enter={isOver ? undefined : ({ index }) => areas.current?.querySelector(`#standing-${index}`)?.focus()}
      />
      <p id="seats-help" class="quiet">{t(isOver ? 'seats.look' : 'blocks.help')}</p>
    </div>
  );
  return (
    <section ref={areas}>
      <h2>{t('blocks.of', { date: moment(seats.schedule.startsAt, zoneOf(seats.schedule)) })}</h2>
      {isOver ? map : <div class="columns">{map}<Chosen seats={seats} /></div>}
      {!isOver && <Blocks key={seats.reads} seats={seats} signal={signal} />}
    </section>
  );
}
