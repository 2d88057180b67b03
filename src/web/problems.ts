import type { Problem } from './api.js';

/** Why a request is not answered as it was meant. */
export interface Refusal extends Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 414 | 429 | 500 | 503;
}

function refusal(status: Refusal['status'], code: string, message: string): Refusal {
  return { status, code, message };
}

export const refusals = {
  badQuery: (message: string) => refusal(400, 'BAD_QUERY', message),
  badPath: refusal(400, 'BAD_PATH', 'The address is not written as addresses are.'),
  noToken: refusal(
    401,
    'NO_TOKEN',
    'Open the link with the token that nerveflow printed when it started.',
  ),
  otherHost: refusal(403, 'OTHER_HOST', 'This server does not go by that name.'),
  crossSite: refusal(403, 'CROSS_SITE', 'Only the page itself may ask for this.'),
  notThere: refusal(404, 'NOT_THERE', 'There is nothing at this address.'),
  noImage: refusal(404, 'NO_IMAGE', 'There is no such image, or not any more.'),
  onlyGet: refusal(405, 'ONLY_GET', 'Only GET and HEAD: the page looks and changes nothing.'),
  noBody: refusal(413, 'NO_BODY', 'A request is not to have a body.'),
  tooLong: refusal(414, 'TOO_LONG', 'The address is too long.'),
  tooMany: refusal(429, 'TOO_MANY', 'Too many requests at once; ask again in a moment.'),
  failed: refusal(500, 'FAILED', 'This went wrong in nerveflow; please report it.'),
} as const;
