// Finds what a person would find by its name, and marks it so that the browser's own
// mouse and keyboard reach it. Returns "" or why it could not be found.
(kind, name, mark) => {
  const words = (s) => (s || '').replace(/[\u00a0\u202f\s]+/g, ' ').replace(/’/g, "'").trim();
  const wanted = words(name);
  const shown = (e) => e.checkVisibility ? e.checkVisibility({ visibilityProperty: true }) : e.offsetParent !== null;
  const named = (e) => {
    const by = e.getAttribute('aria-labelledby');
    if (by) return words(by.split(/\s+/).map((id) => (document.getElementById(id) || {}).textContent).join(' '));
    return words(e.getAttribute('aria-label') || (e.tagName === 'INPUT' ? e.value : e.textContent) || e.getAttribute('title'));
  };
  let all = [];
  if (kind === 'press') {
    all = [...document.querySelectorAll('a[href], button, summary, input[type=submit], [role=button], [role=tab]')].filter(shown).map((e) => [named(e), e]);
  } else {
    for (const l of document.querySelectorAll('label')) if (l.control) all.push([words(l.textContent), l.control]);
    for (const e of document.querySelectorAll('input[aria-label], textarea[aria-label], select[aria-label]')) all.push([words(e.getAttribute('aria-label')), e]);
    all = all.filter(([, e]) => shown(e) || e.type === 'file' || e.type === 'radio' || e.type === 'checkbox');
  }
  for (const e of document.querySelectorAll('[data-found]')) e.removeAttribute('data-found');
  const hit = all.find(([n]) => n === wanted) || all.find(([n]) => n.startsWith(wanted));
  if (!hit) return 'not among: ' + [...new Set(all.map(([n]) => n))].filter(Boolean).join(' | ');
  if (hit[1].disabled) return 'it is disabled';
  hit[1].setAttribute('data-found', mark);
  return '';
}
