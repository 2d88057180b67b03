import { rm, writeFile } from 'node:fs/promises';
import { formatListenAddress, type ListenAddress } from '../../settings/listen-address.js';
import type { Settings } from '../../settings/options.js';
import { UsageError } from '../../settings/read-settings.js';
import type { OpenStore } from '../../store/open-store.js';
import { CatalogSource } from '../../web/catalog-source.js';
import { isLoopback, randomToken } from '../../web/security.js';
import { urlOf, WebServer } from '../../web/server.js';
import { readStaticFiles } from '../../web/static-files.js';
import { Thumbnails } from '../../web/thumbnails.js';
import type { EventReader, EventStream } from './event-stream.js';

/**
 * Serves the page of `--web`, before anything else is begun.
 *
 * @param command what runs in this process; null where nothing does but the page
 * @throws UsageError when nothing can listen there.
 */
export async function serveWeb(
  address: ListenAddress,
  settings: Settings,
  store: Pick<OpenStore, 'catalog' | 'paths'>,
  command: string | null,
  stream: EventStream,
): Promise<EventReader> {
  const { paths } = store;
  const made = settings.webToken === null && !isLoopback(address.host) ? randomToken() : null;
  const thumbnails = await Thumbnails.open(paths.thumbnails);
  const source = new CatalogSource({
    ...{ store, settings, command, thumbnails },
    events$: stream.events$,
  });
  const files = await readStaticFiles();
  const server = new WebServer({ source, files, token: settings.webToken ?? made });
  const where = await server.listen(address).catch((error: NodeJS.ErrnoException) => {
    const { code } = error;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : error.message;
    throw new UsageError(
      `--web: nothing can listen at ${formatListenAddress(address)}: ${why}; choose another port or leave --web out`,
    );
  });
  // For `nerveflow web`, which cannot open a store that is held. A token is not written down.
  const about = { pid: process.pid, url: urlOf(where, null) };
  await writeFile(paths.web, `${JSON.stringify(about)}\n`).catch(() => {});
  stream.emitAfterFirst({ type: 'web.listening', url: urlOf(where, made) });
  if (files.size === 0) {
    const message =
      'the web page is not built (it belongs into dist/page); run npm run setup in the folder of nerveflow';
    stream.emitAfterFirst({ type: 'notice', level: 'warning', code: 'WEB_PAGE_MISSING', message });
  }
  return {
    async close() {
      await server.close();
      await rm(paths.web, { force: true }).catch(() => {});
    },
  };
}
