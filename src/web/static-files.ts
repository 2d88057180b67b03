import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the set-up puts the built page: beside the program. */
export const pageFolder = fileURLToPath(new URL('../page/', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};
const mostFiles = 200;
const mostBytes = 16 * 1024 * 1024;

export interface StaticFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its name says its content: it may be kept for ever. */
  readonly isForEver: boolean;
}

/** The built page by the paths that a browser asks for. Nothing but these is ever served. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** Reads the page once. Empty where it has not been built; what is no plain file of the page is left out. */
export async function readStaticFiles(folder = pageFolder): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytesInAll = 0;
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined || files.size >= mostFiles) continue;
    const file = join(entry.parentPath, entry.name);
    bytesInAll += (await stat(file)).size;
    if (bytesInAll > mostBytes) break;
    const path = `/${file.slice(join(folder, '/').length).split('\\').join('/')}`;
    const bytes = Uint8Array.from(await readFile(file));
    files.set(path, { type, bytes, isForEver: path.startsWith('/assets/') });
  }
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
}
