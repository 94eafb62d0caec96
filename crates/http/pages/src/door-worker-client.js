// Makes the door an app: it can be installed, and opens without a network.

import { keepPage } from './door-store.js';

/** Names the app, and has the browser keep its page. A browser without service workers goes on without. */
export async function installDoor() {
  if (!document.querySelector('link[rel=manifest]')) {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'manifest', href: '/door.webmanifest' }));
  }
  // Without a network, or without service workers, the page goes on as it is.
  const trouble = (error) => console.warn(error);
  await keepPage().catch(trouble);
  await navigator.serviceWorker?.register('/door-worker.js', { scope: '/pages/door' }).catch(trouble);
}
