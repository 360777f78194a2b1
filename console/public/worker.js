/* The worker of a customer's page: shows what is pushed, each notice once, and opens the page. */

const SEEN = 'recourse-told';
const MOST_SEEN = 64;

/** Whether a notice was shown before, even if it was dismissed; from now on it was. */
async function wasShown(tag) {
  const seen = await caches.open(SEEN);
  const address = `/told/${encodeURIComponent(tag)}`;
  if (await seen.match(address)) return true;
  await seen.put(address, new Response(''));
  const all = await seen.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - MOST_SEEN)).map((one) => seen.delete(one)));
  return false;
}

async function show(said) {
  if (await wasShown(said.tag)) return;
  await self.registration.showNotification(said.title, {
    body: said.body,
    tag: said.tag,
    lang: said.lang,
    icon: '/static/mark.svg',
  });
}

async function open() {
  const address = self.registration.scope;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const mine = pages.find((page) => page.url.startsWith(address));
  await (mine ? mine.focus() : self.clients.openWindow(address));
}

self.addEventListener('push', (event) => event.waitUntil(show(event.data.json())));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open());
});
