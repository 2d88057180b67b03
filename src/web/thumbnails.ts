import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { sha256 } from '../operators/fingerprint.js';

/** At some 3 KB each, 150 MB. */
const mostKept = 50_000;
const suffix = '.webp';

/**
 * Small pictures in a folder of the store, by the content of what they show, so that a rename makes
 * nothing again. Those kept longest go when there are too many; the folder may go at any time.
 */
export class Thumbnails {
  /** Names of files, those kept longest first. */
  private readonly names: Set<string>;

  private constructor(
    private readonly folder: string,
    names: readonly string[],
    private readonly most: number,
  ) {
    this.names = new Set(names);
  }

  static async open(folder: string, most = mostKept): Promise<Thumbnails> {
    const names = await readdir(folder).catch(() => []);
    return new Thumbnails(
      folder,
      names.filter((name) => name.endsWith(suffix)),
      most,
    );
  }

  /** Null where there is none. */
  async read(content: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const name = nameOf(content);
    if (!this.names.has(name)) return null;
    const bytes = await readFile(join(this.folder, name)).catch(() => null);
    if (bytes === null || bytes.length === 0) {
      this.names.delete(name);
      return null;
    }
    return Uint8Array.from(bytes);
  }

  /** A store that cannot be written is no reason not to look: it is made again next time. */
  async write(content: string, bytes: Uint8Array): Promise<void> {
    const name = nameOf(content);
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFileAtomic(join(this.folder, name), Buffer.from(bytes), { fsync: false });
      this.names.add(name);
      for (const oldest of this.names) {
        if (this.names.size <= this.most) break;
        this.names.delete(oldest);
        await rm(join(this.folder, oldest), { force: true });
      }
    } catch {
      this.names.delete(name);
    }
  }
}

function nameOf(content: string): string {
  return `${sha256(Buffer.from(content)).slice(0, 40)}${suffix}`;
}
