// Lists that come page by page.

import { useState } from 'preact/hooks';
import { get } from './api.js';
import { useAction } from './hooks.js';
import { t } from './text.js';
import { Failure } from './ui.jsx';

const LIMIT = 24;

/** The first page of a list. `complete` may read more about its items. */
export async function firstPage(path, signal, complete = (items) => items) {
  return nextPage(path, undefined, signal, complete);
}

async function nextPage(path, cursor, signal, complete) {
  const joint = path.includes('?') ? '&' : '?';
  const found = await get(`${path}${joint}limit=${LIMIT}${cursor ? `&cursor=${cursor}` : ''}`, { signal });
  return { path, complete, items: await complete(found.items), cursor: found.nextCursor };
}

/** The items of a list that is known so far, the button that reads more, and what puts an item in the place of another. */
export function useList(first, signal) {
  const [list, setList] = useState(first);
  const { run, busy, error } = useAction(async () => {
    const next = await nextPage(list.path, list.cursor, signal, list.complete);
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
