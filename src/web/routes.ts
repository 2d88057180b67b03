import { Hono } from 'hono';
import type { z } from 'zod';
import type { Result } from '../operators/result.js';
import { type Image, listQuerySchema, maskQuerySchema, pictureQuerySchema } from './api.js';
import { type Refusal, refusals } from './problems.js';
import { securityHeaders } from './security.js';
import type { StaticFiles } from './static-files.js';
import type { WebSource } from './web-source.js';

const notBuilt =
  'The page is not built: it belongs into dist/page. Run npm run setup in the folder of nerveflow, then start it again.\n';
const forEver = 'private, max-age=31536000, immutable';
const anew = 'no-cache';

/** What is at which address; who may ask has been looked at before. */
export function routes(source: WebSource, files: StaticFiles): Hono {
  const app = new Hono();
  const api = new Hono();

  api.get('/status', async () => json(await source.status()));
  api.get('/images', async ({ req }) =>
    withQuery(listQuerySchema, req.url, async (query) => json(await source.list(query))),
  );
  api.get('/images/:key', async ({ req }) =>
    withImage(source, req.param('key'), async (image) => json(await source.details(image))),
  );
  api.get('/pictures/:key', async ({ req }) =>
    withQuery(pictureQuerySchema, req.url, ({ size, v }) =>
      withImage(source, req.param('key'), async (image) =>
        answer(await source.picture(image, size), ({ type, bytes }) =>
          body(bytes, type, cacheFor(image, v)),
        ),
      ),
    ),
  );
  api.get('/masks/:key', async ({ req }) =>
    withQuery(maskQuerySchema, req.url, ({ of, v }) =>
      withImage(source, req.param('key'), async (image) =>
        answer(await source.mask(image, of), (mask) => json(mask, 200, cacheFor(image, v))),
      ),
    ),
  );

  app.route('/api/v1', api);
  app.get('*', ({ req }) => {
    const path = new URL(req.url).pathname;
    const file = files.get(path);
    if (file !== undefined) return body(file.bytes, file.type, file.isForEver ? forEver : anew);
    if (path === '/' && files.size === 0) {
      return new Response(notBuilt, { status: 503, headers: headersOf('text/plain', 'no-store') });
    }
    return refuse(refusals.notThere);
  });
  app.notFound(() => refuse(refusals.notThere));
  app.onError(() => refuse(refusals.failed));
  return app;
}

export function refuse({ status, code, message }: Refusal): Response {
  return json({ code, message }, status);
}

async function withQuery<S extends z.ZodType>(
  schema: S,
  url: string,
  then: (query: z.output<S>) => Promise<Response>,
): Promise<Response> {
  const query = schema.safeParse(Object.fromEntries(new URL(url).searchParams));
  if (query.success) return await then(query.data);
  const { path, message } = query.error.issues[0]!;
  return refuse(refusals.badQuery(path.length === 0 ? message : `${path.join('.')}: ${message}`));
}

async function withImage(
  source: WebSource,
  key: string,
  then: (image: Image) => Promise<Response>,
): Promise<Response> {
  const image = await source.image(key);
  return image === null ? refuse(refusals.noImage) : await then(image);
}

function answer<T>(result: Result<T>, then: (value: T) => Response): Response {
  return result.ok ? then(result.value) : refuse({ status: 404, ...result.failure });
}

/** What was asked for by its version never changes. */
function cacheFor(image: Image, version: string | undefined): string {
  return version === image.version ? forEver : anew;
}

function json(value: unknown, status = 200, cache = 'no-store'): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: headersOf('application/json; charset=utf-8', cache),
  });
}

function body(bytes: Uint8Array<ArrayBuffer>, type: string, cache: string): Response {
  return new Response(bytes, { headers: headersOf(type, cache) });
}

function headersOf(type: string, cache: string): Record<string, string> {
  return { ...securityHeaders, 'Content-Type': type, 'Cache-Control': cache };
}
