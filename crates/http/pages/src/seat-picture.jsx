// A seat map to look at.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { readSeatPage } from './scripts.js';
import { t } from './text.js';
import { Failure } from './ui.jsx';

/** The map of a plan whose seats are all free; its script is loaded when it is first shown. */
export function SeatPicture({ plan, ...attributes }) {
  const [{ page, error }, setRead] = useState({});
  const read = () => readSeatPage().then((found) => setRead({ page: found }), (problem) => setRead({ error: problem }));
  useEffect(() => { read(); }, []);
  const hall = useMemo(() => page && new page.Hall(plan), [page, plan]);
  if (error) return <Failure error={error} again={read} />;
  return hall && (
    <>
      <page.SeatPlan hall={hall} stateOf={() => 'free'} {...attributes} />
      <p id="seats-help" class="quiet">{t('seats.look')}</p>
    </>
  );
}
