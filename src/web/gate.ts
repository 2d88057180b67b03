import type { IncomingMessage } from 'node:http';
import type { ListenAddress } from '../settings/listen-address.js';
import { type Refusal, refusals } from './problems.js';
import { cookieOf, isCrossSite, isOwnHost, isSameSecret } from './security.js';

const longestUrl = 2048;

export interface Lock {
  readonly address: ListenAddress;
  /** Null where nobody needs one: on loopback. */
  readonly token: string | null;
}

export type Admission =
  | { readonly is: 'admitted' }
  | { readonly is: 'refused'; readonly refusal: Refusal }
  /** It brought the token in its address: it gets a cookie and goes on without. */
  | { readonly is: 'to-be-given-cookie' };

/** Of a port: cookies are a host's, and several programs may serve on one. */
export function cookieName({ port }: ListenAddress): string {
  return `nerveflow-${port}`;
}

/** Whether a request is looked at at all. By its head alone, before anything is made of it. */
export function admit(request: IncomingMessage, { address, token }: Lock): Admission {
  const { method, url = '', headers } = request;
  const refused = (refusal: Refusal): Admission => ({ is: 'refused', refusal });
  if (url.length > longestUrl) return refused(refusals.tooLong);
  if (!isOwnHost(headers.host, address)) return refused(refusals.otherHost);
  const path = url.split('?')[0];
  if (isCrossSite(headers, path === '/')) return refused(refusals.crossSite);
  if (method !== 'GET' && method !== 'HEAD') return refused(refusals.onlyGet);
  if (Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined) {
    return refused(refusals.noBody);
  }
  if (!url.startsWith('/') || !isPlainPath(url)) return refused(refusals.badPath);
  if (token === null) return { is: 'admitted' };
  const asked = path === '/' ? new URL(url, 'http://page').searchParams.get('token') : null;
  if (asked !== null && isSameSecret(asked, token)) return { is: 'to-be-given-cookie' };
  const cookie = cookieOf(headers.cookie, cookieName(address));
  if (cookie !== null && isSameSecret(cookie, token)) return { is: 'admitted' };
  return refused(refusals.noToken);
}

/** Whether it is ASCII, and what it stands for is UTF-8 without control characters. */
function isPlainPath(url: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(url)) return false;
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for
    return !/[\x00-\x1f\x7f]/.test(decodeURIComponent(url));
  } catch {
    return false;
  }
}
