import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { ListenAddress } from '../settings/listen-address.js';

/** Sent with every answer. Nothing is loaded from elsewhere, run inline or shown in a frame. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
};

const loopbackNames = new Set(['localhost', '127.0.0.1', '::1']);

export function isLoopback(host: string): boolean {
  return loopbackNames.has(host.toLowerCase());
}

export function randomToken(): string {
  return randomBytes(24).toString('base64url');
}

/** In a time that tells nothing of the secret. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/**
 * Whether a request names this server by a name that it has. A page elsewhere whose name was made to
 * lead here (DNS rebinding) names its own. The port may differ: of a tunnel it does.
 */
export function isOwnHost(hostHeader: string | undefined, { host }: ListenAddress): boolean {
  const name = hostNameOf(hostHeader);
  if (name === null) return false;
  if (isLoopback(name)) return true;
  if (isLoopback(host)) return false;
  const own = hostname().toLowerCase();
  return isIP(name) !== 0 || [host.toLowerCase(), own, `${own}.local`].includes(name);
}

/** `[::1]:80` is `::1`; null of what is no host. */
function hostNameOf(header: string | undefined): string | null {
  const [, bracketed, plain] =
    /^(?:\[([\da-f:.]+)\]|([\w.-]{1,253}))(?::\d{1,5})?$/i.exec(header ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase() ?? null;
}

/**
 * Whether another site asks. A person may follow a link to the page itself from anywhere; all else is
 * asked for by the page alone.
 */
export function isCrossSite(headers: IncomingHttpHeaders, isPage: boolean): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return true;
  }
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return !(isPage && headers['sec-fetch-mode'] === 'navigate');
}

/** The value of a cookie of that name. */
export function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return null;
}
