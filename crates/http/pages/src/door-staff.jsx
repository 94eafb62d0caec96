// Who checks tickets of a concert, as its organizer assigns them.

import { useEffect, useState } from 'preact/hooks';
import { get, post, remove } from './api.js';
import { t } from './text.js';
import { Button, Failure, Field, Form, Link, say } from './ui.jsx';

export function DoorStaff({ id, signal }) {
  const [staff, setStaff] = useState();
  const [error, setError] = useState();
  const path = `/concerts/${id}/door-staff`;
  const load = async () => setStaff((await get(path, { signal })).items);
  useEffect(() => { load().catch((failure) => { if (!signal.aborted) setError(failure); }); }, [id]);
  const assign = async ({ email }, form) => {
    await post(path, { email });
    form.reset();
    await load();
    say(t('doorStaff.assigned', { email }));
  };
  const dismiss = async ({ userId, name }) => {
    if (!confirm(t('doorStaff.sure', { name }))) return;
    await remove(`${path}/${userId}`);
    await load();
    say(t('doorStaff.dismissed', { name }));
  };
  return (
    <section class="card">
      <h2>{t('doorStaff.title')}</h2>
      <p>{t('doorStaff.how')}</p>
      {staff?.length > 0 && (
        <ul class="facts">
          {staff.map((member) => (
            <li key={member.userId} class="row">
              <span>{member.name} · {member.email}</span>
              <Button kind="plain" work={() => dismiss(member)} onFailure={setError} aria-label={t('doorStaff.dismissOf', { name: member.name })}>{t('doorStaff.dismiss')}</Button>
            </li>
          ))}
        </ul>
      )}
      <Failure error={error} />
      <Form submit={assign} button={t('doorStaff.assign')}>
        <Field label={t('signIn.email')} id="door-staff" name="email" type="email" autoComplete="off" />
      </Form>
      <p><Link href="/pages/door">{t('doorStaff.page')}</Link></p>
    </section>
  );
}
