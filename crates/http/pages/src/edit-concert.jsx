// A concert as its organizer edits it: texts, poster, publication and cancellation, beside what fans see of it.

import { useRef, useState } from 'preact/hooks';
import { About } from './about.jsx';
import { get } from './api.js';
import { ConcertEdits } from './concert-edits.js';
import { ConcertCard } from './concerts.jsx';
import { DoorStaff } from './door-staff.jsx';
import { number } from './format.js';
import { useAction, useLeaveWarning, useModel, useRepeat } from './hooks.js';
import { MEDIA_TYPES } from './poster-upload.js';
import { Poster } from './poster.jsx';
import { ReasonForm } from './reason-form.jsx';
import { go } from './router.js';
import { StateTag } from './state-tag.jsx';
import { t } from './text.js';
import { Button, Failure, Field, Form, Link, Notice } from './ui.jsx';

/** The interval in which the progress of refunds is read, in milliseconds. */
const EVERY = 1000;
/** The name of the field of each value, and what it takes. */
const FIELDS = [
  ['title', { maxLength: 200 }],
  ['subtitle', { maxLength: 200, required: false }],
  ['description', { as: 'textarea', rows: 8, maxLength: 2000, required: false }],
  ['tags', { required: false, hint: 'concertEdit.tagsHint' }],
  ['runningMinutes', { type: 'number', min: 1, max: 1440, step: 1, inputMode: 'numeric', required: false }],
  ['ageLimit', { type: 'number', min: 0, max: 99, step: 1, inputMode: 'numeric', required: false, hint: 'concertEdit.ageHint' }],
];

/** Another user's value of a field beside the own one, and the choice between them. */
function Conflict({ edits, name, theirs }) {
  return (
    <Notice kind="note">
      <p><strong>{t('concertEdit.both', { name: t(`field.${name}`) })}</strong></p>
      <dl class="both">
        <dt>{t('concertEdit.theirs')}</dt><dd class="text">{theirs || t('actions.nothing')}</dd>
        <dt>{t('concertEdit.mine')}</dt><dd class="text">{edits.values[name] || t('actions.nothing')}</dd>
      </dl>
      <div class="row">
        <button type="button" onClick={() => edits.settle(name, true)}>{t('concertEdit.takeTheirs')}</button>
        <button type="button" onClick={() => edits.settle(name, false)}>{t('concertEdit.keepMine')}</button>
      </div>
    </Notice>
  );
}

/** The outcome of the last change. */
function Outcome({ edits }) {
  const isRefused = edits.said === 'concertEdit.conflict';
  return (
    <div role="status">
      {edits.said && <Notice kind={isRefused ? 'error' : 'good'} role={undefined}><p>{t(edits.said)}</p></Notice>}
    </div>
  );
}

function Texts({ edits }) {
  return (
    <Form submit={() => edits.save()} button={t('concertEdit.save')} class="card">
      <h2>{t('concertEdit.texts')}</h2>
      {FIELDS.map(([name, { hint, ...attributes }]) => (
        <Field
          key={name} label={t(`field.${name}`)} id={name} name={name} value={edits.values[name]} hint={hint && t(hint)} autoComplete="off"
          onInput={({ currentTarget }) => edits.edit(name, currentTarget.value)} {...attributes}
        />
      ))}
      {edits.conflicts().map(([name, theirs]) => <Conflict key={name} edits={edits} name={name} theirs={theirs} />)}
      {!edits.isClean() && <p class="quiet">{t('concertEdit.unsaved')}</p>}
    </Form>
  );
}

function PosterForm({ edits, signal }) {
  const input = useRef();
  // A picture that was not sent for a moment can be sent again.
  const chosen = useRef();
  const { run, busy, error } = useAction(async () => {
    chosen.current = input.current.files[0] ?? chosen.current;
    if (!chosen.current) return;
    await edits.show(chosen.current, signal).finally(() => { if (input.current) input.current.value = ''; });
    chosen.current = undefined;
  });
  const [trouble, setTrouble] = useState();
  const { poster } = edits.concert;
  return (
    <section class="card">
      <h2>{t('poster.title')}</h2>
      <div class="poster-form">
        <Poster concert={edits.preview} />
        <div>
          <label for="poster">{t(poster ? 'poster.other' : 'poster.choose')}</label>
          <input ref={input} id="poster" type="file" accept={MEDIA_TYPES.join()} disabled={busy} onChange={run} aria-describedby="poster-hint" />
          <p><small id="poster-hint">{t('poster.hint')}</small></p>
          {edits.sending !== undefined && (
            <p role="status">
              <progress max={1} value={edits.sending} aria-label={t('poster.sending')} />
              {t(edits.sending < 1 ? 'poster.sending' : 'poster.making')}
            </p>
          )}
          {poster && <Button kind="plain" work={() => edits.takePosterAway()} onFailure={setTrouble}>{t('poster.remove')}</Button>}
        </div>
      </div>
      <Failure error={error} again={error?.body && !error.body.errors && run} /><Failure error={trouble} />
    </section>
  );
}

/** The progress of the refunds of a cancelled concert, read again and again until they are complete. */
function Refunds({ id, signal }) {
  const [progress, setProgress] = useState();
  const { refunded, toRefund, toRelease } = progress ?? {};
  const isComplete = progress && !toRefund && !toRelease;
  const error = useRepeat(EVERY, signal, async () => {
    if (!isComplete) setProgress(await get(`/concerts/${id}/cancellation`, { signal }));
  });
  if (!progress) return <Failure error={error} />;
  const all = refunded + toRefund;
  return (
    <>
      {all > 0 && <progress max={all} value={refunded} aria-label={t('date.refunds')} />}
      <p role="status">
        {isComplete ? t('date.refunded', { n: number(refunded) }) : t('date.refunding', { n: number(refunded), of: number(all), held: number(toRelease) })}
      </p>
      <Failure error={error} />
    </>
  );
}

/** Cancelling asks for a reason, and whether the organizer is sure. */
const Cancellation = ({ edits }) => (
  <details class="past">
    <summary>{t('concertEdit.cancel')}</summary>
    <p>{t('concertEdit.cancelHow')}</p>
    <ReasonForm id={edits.concert.id} button={t('concertEdit.cancel')} sure={t('concertEdit.cancelSure', { title: edits.concert.title })} submit={(reason) => edits.cancel(reason)} />
  </details>
);

function Draft({ edits, setTrouble }) {
  const publish = async () => {
    if (!edits.isClean()) throw new Error(t('concertEdit.saveFirst'));
    if (confirm(t('concertEdit.publishSure', { title: edits.concert.title }))) await edits.publish();
  };
  const drop = async () => {
    if (!confirm(t('concertEdit.deleteSure', { title: edits.concert.title }))) return;
    await edits.delete();
    await go('/pages/organize/concerts');
  };
  return (
    <>
      <p>{t('concertEdit.draftHow')}</p>
      <div class="row">
        <Button kind="primary" work={publish} onFailure={setTrouble}>{t('concertEdit.publish')}</Button>
        <Button kind="plain" work={drop} onFailure={setTrouble}>{t('concertEdit.delete')}</Button>
      </div>
    </>
  );
}

/** The state of the concert, and the ways to the next one. */
function Life({ edits, signal }) {
  const [trouble, setTrouble] = useState();
  const { id, state } = edits.concert;
  const duplicate = async () => {
    if (!edits.isClean() && !confirm(t('leave.sure'))) return;
    const { id: copy } = await edits.duplicate();
    await go(`/pages/organize/concerts/${copy}`);
  };
  return (
    <section class="card">
      <h2>{t('concertEdit.state')} <StateTag concert={edits.concert} /></h2>
      {state === 'DRAFT' && <Draft edits={edits} setTrouble={setTrouble} />}
      {state === 'CANCELLED' && <Refunds id={id} signal={signal} />}
      <Failure error={trouble} />
      <div class="row">
        {state !== 'CANCELLED' && <Link class="button" href={`/pages/concerts/${id}/dates`}>{t('organize.addDate')}</Link>}
        <Link class="button" href={`/pages/concerts/${id}/sales`}>{t('room.sales')}</Link>
        {state !== 'DRAFT' && <Link class="button" href={`/pages/concerts/${id}`}>{t('concertEdit.page')}</Link>}
        <Button work={duplicate} onFailure={setTrouble}>{t('concertEdit.duplicate')}</Button>
      </div>
      {state === 'PUBLISHED' && <Cancellation edits={edits} />}
    </section>
  );
}

/** The card and the page of the concert as fans see them once it is saved. Nothing in them can be used. */
const Preview = ({ concert }) => (
  <section aria-label={t('concertEdit.preview')}>
    <h2>{t('concertEdit.preview')}</h2>
    <p class="quiet">{t('concertEdit.previewHow')}</p>
    <div inert>
      <ul class="cards one"><ConcertCard concert={concert} /></ul>
      <article class="concert-page"><Poster concert={concert} /><div class="card"><About concert={concert} title="h3" /></div></article>
    </div>
  </section>
);

function View({ data: edits, signal }) {
  useModel(edits);
  useLeaveWarning(() => edits.isClean());
  return (
    <>
      <h1>{t('concertEdit.title', { title: edits.concert.title })}</h1>
      <Outcome edits={edits} />
      <div class="beside">
        <div>
          <Texts edits={edits} />
          <PosterForm edits={edits} signal={signal} />
          <Life edits={edits} signal={signal} />
          <DoorStaff id={edits.concert.id} signal={signal} />
        </div>
        <Preview concert={edits.preview} />
      </div>
    </>
  );
}

export const editConcert = { load: ({ params: [id], signal }) => ConcertEdits.read(id, signal), View };
