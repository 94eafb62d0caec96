// The terms of a date, to be changed, and its cancellation with the progress of its refunds.

import { useEffect, useRef } from 'preact/hooks';
import { post } from './api.js';
import { Outcome } from './edits-outcome.jsx';
import { moment, number, zoneName } from './format.js';
import { useLeaveWarning, useModel, useRepeat } from './hooks.js';
import { ReasonForm } from './reason-form.jsx';
import { t } from './text.js';
import { Failure, Field, Form, Notice, say } from './ui.jsx';

const TICKETS_MAX = 1000;
/** How often the progress of refunds is read anew, in milliseconds. */
const EVERY = 1000;
/** Times that may be left empty. */
const OPTIONAL = ['cancellationClosesAt'];

function Terms({ controls, onChange }) {
  const input = (name, attributes) => (
    <Field
      key={name} label={t(`field.${name}`)} id={name} name={name} value={controls.values[name]}
      onInput={({ currentTarget }) => controls.edit(name, currentTarget.value)} {...attributes}
    />
  );
  const sure = () => confirm(t('date.moveSure', { at: moment(controls.deadline, controls.zone) }));
  const save = async () => {
    await controls.save(sure);
    onChange();
  };
  return (
    <Form submit={save} button={t('date.save')} class="grid">
      {controls.times.map((name) => input(name, { type: 'datetime-local', required: !OPTIONAL.includes(name) }))}
      {input('maxTicketsPerPerson', { type: 'number', min: 1, max: TICKETS_MAX, step: 1, inputMode: 'numeric' })}
      {controls.moves && (
        <Field
          label={t('date.refundableUntil')} hint={t('date.refundableHint')} id="refundableUntil" type="datetime-local" required={false}
          value={controls.refundableUntil} onInput={({ currentTarget }) => controls.setRefundableUntil(currentTarget.value)}
        />
      )}
      <Outcome controls={controls} refused="date.conflict" />
    </Form>
  );
}

function Cancellation({ controls, onChange }) {
  const { schedule } = controls;
  const cancel = async (reason) => {
    await post(`${controls.path}/cancellation`, { reason });
    say(t('date.cancelled'));
    await controls.readAgain();
    onChange();
  };
  return (
    <details class="past">
      <summary>{t('date.cancel')}</summary>
      <p>{t('date.cancelHow')}</p>
      <ReasonForm id={schedule.id} button={t('date.cancel')} sure={t('date.cancelSure', { date: moment(schedule.startsAt, controls.zone) })} submit={cancel} />
    </details>
  );
}

/** Reads the progress of refunds again and again while it is shown. */
function Following({ controls, signal }) {
  const error = useRepeat(EVERY, signal, () => controls.readCancellation(signal));
  return <Failure error={error} />;
}

function Progress({ controls, signal }) {
  const { cancelledAt, reason, refunded, toRefund, toRelease } = controls.cancellation;
  const isComplete = !toRefund && !toRelease;
  const all = refunded + toRefund;
  return (
    <>
      <Notice kind="note"><p>{t('date.cancelledAt', { at: moment(cancelledAt, controls.zone), reason })}</p></Notice>
      {all > 0 && <progress max={all} value={refunded} aria-label={t('date.refunds')} />}
      <p role="status">
        {isComplete ? t('date.refunded', { n: number(refunded) }) : t('date.refunding', { n: number(refunded), of: number(all), held: number(toRelease) })}
      </p>
      {!isComplete && <Following controls={controls} signal={signal} />}
    </>
  );
}

/** What staff do with one date; `onChange` is told when it changed. */
export function ManagedDate({ controls, signal, onChange }) {
  useModel(controls);
  const heading = useRef();
  // The table above may be longer than the window.
  useEffect(() => heading.current.focus(), []);
  useLeaveWarning(() => controls.isClean() || Boolean(controls.cancellation));
  return (
    <section class="card">
      <h2 ref={heading} tabIndex={-1}>{t('date.title', { date: moment(controls.schedule.startsAt, controls.zone) })}</h2>
      {controls.cancellation
        ? <Progress controls={controls} signal={signal} />
        : (
          <>
            <p class="quiet">{t('organize.zone', { zone: zoneName(Date.now(), controls.zone), name: controls.zone })}</p>
            <Terms controls={controls} onChange={onChange} />
            <Cancellation controls={controls} onChange={onChange} />
          </>
        )}
    </section>
  );
}
