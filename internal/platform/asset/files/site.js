// Everything works without this. It lets the site be installed, and say by itself
// that there is no network.
if ('serviceWorker' in navigator && window.isSecureContext) {
  navigator.serviceWorker.register('/sw.js').catch(() => {});
}
