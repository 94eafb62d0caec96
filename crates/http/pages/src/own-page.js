// What belongs to a user: signing in, tickets, points and the account. Loaded when the first of these pages is visited.

// The first script is loaded already; this import makes esbuild leave in it what several scripts need (build.mjs).
import './app.jsx';
import './own-text.js';
import { addStyles } from './styles.js';
import styles from './ticket.css';

addStyles(styles);

export { account } from './account.jsx';
export { forgotPassword, resetPassword, verifyEmail } from './mail-links.jsx';
export { points } from './points.jsx';
export { reservation } from './reservation.jsx';
export { signIn } from './sign-in.jsx';
export { ticket } from './ticket.jsx';
export { tickets } from './tickets.jsx';
