// Whether a waiting room admits users.

import { t } from './text.js';

/** `paused`, `open` or `closed`. */
export function stateOf({ policy }) {
  if (policy.paused) return 'paused';
  return policy.capacity ? 'open' : 'closed';
}

export const RoomState = ({ room }) => (
  <span class={`tag ${{ open: 'good', paused: 'soon' }[stateOf(room)] ?? ''}`}>{t(`rooms.${stateOf(room)}`)}</span>
);
