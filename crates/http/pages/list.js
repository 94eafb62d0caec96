// Lists that come page by page.

import { get } from './api.js';
import { h } from './dom.js';
import { action } from './form.js';
import { t } from './text.js';

/** Loads a list's first page into `take`, and answers a button that loads the next one while there is one. */
export async function loadList(path, signal, take) {
  const more = h('button', { type: 'button' }, t('more'));
  let cursor;
  const load = async () => {
    const found = await get(`${path}?limit=24${cursor ? `&cursor=${cursor}` : ''}`, { signal });
    await take(found.items);
    cursor = found.nextCursor;
    more.hidden = !cursor;
  };
  const trouble = h('div');
  more.addEventListener('click', action(trouble, load));
  await load();
  return h('div', {}, trouble, more);
}
