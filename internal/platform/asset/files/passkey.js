// Passkeys, where the browser has them. The forms work without this: what is shown
// only with a script is hidden until then.
(() => {
  // The browser's own time zone, as a first guess for a new account.
  for (const field of document.querySelectorAll('input[data-zone]')) {
    if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || '';
  }
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const decoded = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

  // What newer browsers do with parse…OptionsFromJSON and toJSON.
  const options = (o) => {
    const p = { ...o, challenge: bytes(o.challenge) };
    if (o.user) p.user = { ...o.user, id: bytes(o.user.id) };
    if (o.excludeCredentials) p.excludeCredentials = decoded(o.excludeCredentials);
    if (o.allowCredentials) p.allowCredentials = decoded(o.allowCredentials);
    return p;
  };
  const answer = (c) => {
    const from = c.response;
    const response = { clientDataJSON: text(from.clientDataJSON) };
    for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (from[name]) response[name] = text(from[name]);
    }
    if (from.getTransports) response.transports = from.getTransports();
    return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response, clientExtensionResults: {},
      ...(c.authenticatorAttachment ? { authenticatorAttachment: c.authenticatorAttachment } : {}) });
  };

  const begin = async (form) => {
    const reply = await fetch(form.dataset.begin, {
      method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(new FormData(form)),
    });
    return { ok: reply.ok, said: await reply.json() };
  };

  const run = async (form) => {
    const trouble = form.querySelector('[data-trouble]');
    const say = (words) => { trouble.textContent = words; };
    say('');
    let started;
    try {
      started = await begin(form);
    } catch {
      return say(trouble.dataset.failed);
    }
    if (!started.ok) {
      // A field that does not fit: the page itself says it best, beside the field.
      if (started.said.errors && form.elements.with) return form.submit();
      return say(started.said.detail || trouble.dataset.failed);
    }
    let made;
    try {
      const publicKey = options(started.said.publicKey);
      made = await navigator.credentials[form.dataset.passkey]({ publicKey });
    } catch {
      return say(trouble.dataset.cancelled);
    }
    form.elements.ceremony.value = started.said.ceremony;
    form.elements.passkey.value = answer(made);
    form.submit();
  };

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const only = form.querySelector('[data-with]');
    for (const part of form.querySelectorAll('[data-script]')) part.hidden = false;
    form.hidden = false;
    form.addEventListener('submit', (e) => {
      if (form.elements.with) form.elements.with.value = e.submitter === only ? 'passkey' : '';
      if (only && e.submitter !== only) return; // the password of the same form
      e.preventDefault();
      run(form);
    });
  }
})();
