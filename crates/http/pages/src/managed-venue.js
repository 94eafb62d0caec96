// The users who may change a venue.

import { signedIn } from './session.js';

/** Whether the signed-in user may change a venue, its halls and their plans. */
export const isManaged = (venue) => signedIn()?.role === 'OPERATOR' || venue.organizerId === signedIn()?.id;
