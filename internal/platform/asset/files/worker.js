// The service worker keeps the offline page and the files every page is drawn with.
// It keeps no page of anybody's.
const kept = ["/offline"];
const shelf = 'digiwork-' + kept.join('').split('').reduce((n, c) => (n * 31 + c.charCodeAt(0)) | 0, 7);

self.addEventListener('install', (e) => {
  e.waitUntil(caches.open(shelf).then((c) => c.addAll(kept.map((url) => new Request(url, { credentials: 'omit' })))).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (e) => {
  e.waitUntil(caches.keys().then((names) => Promise.all(names.filter((n) => n !== shelf).map((n) => caches.delete(n)))).then(() => self.clients.claim()));
});

self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== 'GET' || url.origin !== location.origin) return;
  if (kept.includes(url.pathname) && url.pathname !== '/offline') {
    e.respondWith(caches.match(e.request).then((hit) => hit || fetch(e.request)));
  } else if (e.request.mode === 'navigate') {
    e.respondWith(fetch(e.request).catch(() => caches.match('/offline')));
  }
});
