// A line for users who have not confirmed their e-mail address, without which nothing is booked.

import { useState } from 'preact/hooks';
import { post } from './api.js';
import { signedIn } from './session.js';
import { t } from './text.js';
import { Button, Failure, say } from './ui.jsx';

export function UnconfirmedAddress() {
  const [isSent, setSent] = useState(false);
  const [trouble, setTrouble] = useState();
  const user = signedIn();
  // The service tells it only where it sends e-mail.
  if (user?.emailVerifiedAt !== null || location.pathname === '/pages/verify-email') return null;
  const send = async () => {
    await post('/users/me/email-verification');
    setSent(true);
    say(t('confirm.sent', { email: user.email }));
  };
  return (
    <aside class="live" aria-label={t('confirm.name')}>
      <span>{t(isSent ? 'confirm.sent' : 'confirm.how', { email: user.email })}</span>
      <Button work={send} onFailure={setTrouble}>{t('confirm.again')}</Button>
      <Failure error={trouble} />
    </aside>
  );
}
