// The service worker of the door: its page, its scripts and who is signed in, when there is no network.

const CACHE = 'stagedoor-door';
const PAGE = '/pages/door';
/** What the page asks before it can be shown. */
const READ = ['/api/v1/users/me', '/api/v1/door-dates'];
const SCRIPTS = ['chunk.js', 'door-page.js', 'decoder-page.js'];

/** Keeps the page, and the scripts of its version. */
async function keepPage() {
  const cache = await caches.open(CACHE);
  const response = await fetch(PAGE, { cache: 'no-store' });
  if (!response.ok) throw new Error(`${PAGE}: ${response.status}`);
  const folder = (await response.clone().text()).match(/\/assets\/[\w-]+\//)[0];
  await cache.addAll(SCRIPTS.map((name) => folder + name));
  await cache.put(PAGE, response);
}

/** The answer of the network, kept as `key`; what was kept while there is no network. */
async function fresh(request, key) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(key, response.clone());
    else if (response.status === 401) await cache.delete(key);
    return response;
  } catch (error) {
    const kept = await cache.match(key);
    if (kept) return kept;
    throw error;
  }
}

/** A file of one version never changes. */
async function once(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await (await caches.open(CACHE)).put(request, response.clone());
  return response;
}

addEventListener('install', (event) => {
  event.waitUntil(keepPage().then(() => skipWaiting()));
});
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate') event.respondWith(fresh(request, PAGE));
  else if (pathname.startsWith('/assets/')) event.respondWith(once(request));
  else if (READ.includes(pathname)) event.respondWith(fresh(request, pathname));
});
