// The second identity provider of the end-to-end tests: node oidc-provider, told to be strict.
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { Provider } from 'oidc-provider';

const { PORT, CERTIFICATE, KEY, CLIENT_KEY, CLIENT_KEY_ID, DOOR, DOOR_PORT_FILE } = process.env;
const issuer = `https://localhost:${PORT}`;
const signing = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const clientKey = createPublicKey(readFileSync(CLIENT_KEY)).export({ format: 'jwk' });
const door = `https://${DOOR}`;

// The door's name resolves nowhere: calls to it go to where it listens at the moment.
function toTheDoor(url, options) {
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        host: '127.0.0.1',
        port: Number(readFileSync(DOOR_PORT_FILE, 'utf8')),
        servername: DOOR,
        ca: readFileSync(process.env.AUTHORITY),
        method: options.method,
        path: new URL(url).pathname,
        headers: {
          host: DOOR,
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(String(options.body)),
        },
      },
      (response) => {
        console.log(`back-channel ${response.statusCode}`);
        response.resume();
        response.on('end', () => resolve(new Response(null, { status: response.statusCode })));
      },
    );
    request.on('error', reject);
    request.end(String(options.body));
  });
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'portcullis',
      redirect_uris: [`${door}/_portcullis/callback`],
      post_logout_redirect_uris: [`${door}/_portcullis/signed-out`],
      backchannel_logout_uri: `${door}/_portcullis/back-channel-logout`,
      backchannel_logout_session_required: true,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      require_pushed_authorization_requests: true,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [{ ...clientKey, kid: CLIENT_KEY_ID, use: 'sig', alg: 'ES256' }] },
    },
  ],
  jwks: { keys: [{ ...signing.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false,
  clientAuthMethods: ['private_key_jwt'],
  findAccount: async (context, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: id, email_verified: true, name: id, groups: ['sre'] }),
  }),
  issueRefreshToken: async (context, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  ttl: { AccessToken: 10, IdToken: 60, Session: 3600, Grant: 3600, Interaction: 600, RefreshToken: 1800 },
  features: {
    devInteractions: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    backchannelLogout: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  fetch: toTheDoor,
});

for (const event of [
  'pushed_authorization_request.success',
  'pushed_authorization_request.error',
  'authorization.error',
  'grant.success',
  'grant.error',
  'grant.revoked',
  'revocation.success',
  'revocation.error',
  'backchannel.success',
  'backchannel.error',
  'end_session.success',
  'server_error',
]) {
  provider.on(event, (...details) => {
    const error = details.find((detail) => detail instanceof Error);
    const grant = details[0]?.oidc?.params?.grant_type ?? '';
    console.log(`event ${event} ${grant} ${error?.error_description ?? error?.message ?? ''}`);
  });
}

https
  .createServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) }, provider.callback())
  .listen(Number(PORT), '127.0.0.1', () => console.log('listening'));
