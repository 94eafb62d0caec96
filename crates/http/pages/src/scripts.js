// Scripts that are loaded when a page needs them.

import { Problem } from './api.js';
import { t } from './text.js';

/** A function that loads a script, once. One that cannot be loaded is a problem that passes. */
export function script(load) {
  let loaded;
  return () => {
    loaded ??= load().catch(() => {
      loaded = undefined;
      throw new Problem(0, { code: 'UNREACHABLE', detail: t('unreachable') });
    });
    return loaded;
  };
}

/** The seat map. */
export const readSeatPage = script(() => import('./seat-page.js'));

/** A date as staff manage it. */
export const readManagedPage = script(() => import('./managed-page.js'));
