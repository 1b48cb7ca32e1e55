// Answers what the test asks, one JSON line for each: issue or verify a credential
// with programs that are not ours. No network: contexts come from a file, and whatever
// would be fetched fails.
//
//   node peer.mjs CONTEXTS.json  < questions  > answers
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

for (const name of ['log', 'info', 'warn', 'error', 'debug']) console[name] = () => {}; // answers alone go out
globalThis.fetch = async (url) => { throw new Error(`no network: ${url}`); };

const { DataIntegrityProof } = await import('@digitalbazaar/data-integrity');
const { cryptosuite } = await import('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const Ed25519Multikey = await import('@digitalbazaar/ed25519-multikey');
const { driver } = await import('@digitalbazaar/did-method-key');
const vc = await import('@digitalbazaar/vc');
const core = await import('@digitalcredentials/verifier-core');
const { SDJwtVcInstance } = await import('@sd-jwt/sd-jwt-vc');

const contexts = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const keys = driver();
keys.use({ multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from });

async function documentLoader(url) {
  if (contexts[url]) return { contextUrl: null, documentUrl: url, document: contexts[url] };
  if (url.startsWith('did:key:')) return { contextUrl: null, documentUrl: url, document: await keys.get({ url }) };
  throw new Error(`not at hand: ${url}`);
}

const key = await Ed25519Multikey.generate({ seed: new Uint8Array(32).fill(7) });
key.controller = `did:key:${key.publicKeyMultibase}`;
key.id = `${key.controller}#${key.publicKeyMultibase}`;
const suite = () => new DataIntegrityProof({ cryptosuite, signer: key.signer() });

const base64url = (b) => Buffer.from(b).toString('base64url');
const seed = Buffer.alloc(32, 9);
const privateKey = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' });
const publicOf = (jwk) => createPublicKey({ key: jwk, format: 'jwk' });
const sdjwt = (jwk) => new SDJwtVcInstance({
  signAlg: 'EdDSA', hashAlg: 'sha-256',
  signer: async (data) => base64url(sign(null, Buffer.from(data), privateKey)),
  verifier: async (data, signature) => verify(null, Buffer.from(data), publicOf(jwk), Buffer.from(signature, 'base64url')),
  hasher: async (data, alg) => createHash(alg.replace('sha-', 'sha')).update(data).digest(),
  saltGenerator: (length) => base64url(randomBytes(length)),
});

async function answer(q) {
  switch (q.op) {
    case 'issue':
      q.doc.issuer = { ...q.doc.issuer, id: key.controller };
      return { doc: await vc.issue({ credential: q.doc, suite: suite(), documentLoader }) };
    case 'verify': {
      const one = await vc.verifyCredential({ credential: structuredClone(q.doc), suite: new DataIntegrityProof({ cryptosuite }), documentLoader });
      const two = q.core ? await core.verifyCredential({ credential: structuredClone(q.doc), knownDIDRegistries: [] }) : null;
      const log = Object.fromEntries((two?.log ?? []).map((e) => [e.id, e.valid]));
      return {
        vc: one.verified, why: one.verified ? '' : String(one.error?.errors?.[0] ?? one.error),
        core: two ? !two.errors && log.valid_signature === true && log.expiration !== false : null, coreWhy: JSON.stringify(two?.errors ?? log),
      };
    }
    case 'issue-sd':
      return { token: await sdjwt(privateKey.export({ format: 'jwk' })).issue(q.doc, { _sd: q.hide }), jwk: createPublicKey(privateKey).export({ format: 'jwk' }) };
    case 'verify-sd': {
      const { payload } = await sdjwt(q.jwk).verify(q.token);
      return { vc: true, doc: payload };
    }
  }
  throw new Error(`unknown question ${q.op}`);
}

for await (const line of createInterface({ input: process.stdin })) {
  let a;
  try { a = await answer(JSON.parse(line)); } catch (e) { a = { vc: false, core: false, why: String(e), coreWhy: String(e), error: String(e) }; }
  process.stdout.write(JSON.stringify(a) + '\n');
}
