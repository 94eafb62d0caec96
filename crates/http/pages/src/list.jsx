// Lists that come page by page.

import { useState } from 'preact/hooks';
import { get } from './api.js';
import { useAction } from './hooks.js';
import { t } from './text.js';
import { Failure } from './ui.jsx';

const LIMIT = 24;

/** The first page of a list, of up to `limit` items. `complete` may read more about its items. */
export async function firstPage(path, signal, complete = (items) => items, limit = LIMIT) {
  return nextPage({ path, complete, limit }, signal);
}

async function nextPage({ path, complete, limit, cursor }, signal) {
  const joint = path.includes('?') ? '&' : '?';
  const found = await get(`${path}${joint}limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`, { signal });
  return { path, complete, limit, items: await complete(found.items), cursor: found.nextCursor };
}

/** The items of a list that is known so far, the button that reads more, and what puts an item in the place of another. */
export function useList(first, signal) {
  const [list, setList] = useState(first);
  const { run, busy, error } = useAction(async () => {
    const next = await nextPage(list, signal);
    setList({ ...next, items: [...list.items, ...next.items] });
  });
  const more = (
    <div class="more">
      <Failure error={error} />
      {list.cursor && <button type="button" disabled={busy} onClick={run}>{t('more')}</button>}
    </div>
  );
  const replace = (item, changed) => setList((known) => ({ ...known, items: known.items.map((own) => (own === item ? changed : own)) }));
  return { items: list.items, more, replace };
}
