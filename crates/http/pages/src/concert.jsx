// One concert, and the way into its queue.

import { About } from './about.jsx';
import { get } from './api.js';
import { stateOf } from './booking-state.jsx';
import { Icon } from './icons.jsx';
import { Opening, Reminder } from './opening.jsx';
import { Poster } from './poster.jsx';
import { router } from './router.js';
import { signedIn } from './session.js';
import { t } from './text.js';
import { Link } from './ui.jsx';

/** States in which seats may become free again. */
const RETURNING = ['held', 'soldOut'];

/** The next step, which depends on whether the concert can be booked. */
function NextStep({ concert, signal }) {
  const book = `/pages/concerts/${concert.id}/book`;
  const target = signedIn() ? book : `/pages/sign-in?next=${encodeURIComponent(book)}`;
  const state = stateOf(concert);
  if (state === 'open' || state === 'paused') {
    return (
      <>
        {state === 'paused' && <p>{t('concert.pausedHow')}</p>}
        <Link class="button primary wide" href={target}>{t(signedIn() ? 'concert.book' : 'concert.signIn')}<Icon name="arrow" /></Link>
      </>
    );
  }
  if (state === 'notYet') {
    return (
      <>
        <Opening concert={concert} signal={signal} onOpen={() => router.show()} />
        <div class="row"><Link class="button primary" href={target}>{t('concert.await')}</Link><Reminder concert={concert} /></div>
      </>
    );
  }
  return (
    <>
      <p>{t(`concert.${state}How`)}</p>
      <div class="row">
        {RETURNING.includes(state) && <button type="button" class="primary" onClick={() => router.show()}>{t('concert.look')}</button>}
        {state === 'cancelled' && signedIn() && <Link class="button" href="/pages/tickets">{t('tickets.title')}</Link>}
        <Link class="button" href="/">{t('home')}</Link>
      </div>
    </>
  );
}

function View({ data: concert, signal }) {
  return (
    <article class="concert-page">
      <Poster concert={concert} sizes="20rem" widest={640} />
      <div class="card">
        <About concert={concert} />
        <div class="next"><NextStep concert={concert} signal={signal} /></div>
        {signedIn()?.id === concert.organizerId
          && <p><Link class="button" href={`/pages/concerts/${concert.id}/sales`}>{t('concert.sales')}</Link></p>}
      </div>
    </article>
  );
}

export const concert = {
  isPublic: true,
  refreshes: true,
  load: ({ params: [id], signal }) => get(`/concerts/${id}`, { signal }),
  View,
};
