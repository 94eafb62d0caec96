// The state of a concert as its organizer sees it.

import { t } from './text.js';

const KINDS = { PUBLISHED: 'good', DRAFT: 'soon' };

/** Whether a concert is a draft, published or cancelled. */
export const StateTag = ({ concert: { state } }) => <span class={`tag ${KINDS[state] ?? ''}`}>{t(`ownConcerts.${state}`)}</span>;
