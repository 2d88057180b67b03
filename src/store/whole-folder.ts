import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';

/** What reading something kept on disk gives: never an exception for what a disk can do to it. */
export type Read<T> =
  | { readonly status: 'found'; readonly value: T }
  | { readonly status: 'missing'; readonly path: string }
  | { readonly status: 'damaged'; readonly path: string; readonly message: string };

/** One line for people about something that could not be read. */
export function describe(read: Read<unknown>): string {
  switch (read.status) {
    case 'found':
      return 'is intact';
    case 'missing':
      return `${read.path} is missing`;
    case 'damaged':
      return `${read.path} is damaged (${read.message})`;
  }
}

const checksumsFile = 'checksums.json';
const checksumsSchema = z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() }));

/**
 * Writes a folder so that it is there whole or not at all, power cuts included: files under a
 * temporary name, each synced, then one rename. With them goes checksums.json, by which `readWhole`
 * notices damage. A folder of that name is replaced.
 *
 * @param changing files without a checksum, which may be replaced one by one later
 *
 * Rejects with the file system's error (`ENOSPC`, `EACCES`, ...), leaving nothing behind.
 */
export async function writeWhole(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  changing: readonly string[] = [],
): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const temporary = join(parent, temporaryName(folder));
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary);
  try {
    const checksums: Record<string, { bytes: number; sha256: string }> = {};
    for (const [name, content] of Object.entries(files)) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      if (!changing.includes(name)) {
        checksums[name] = { bytes: bytes.byteLength, sha256: sha256(bytes) };
      }
      await writeSynced(join(temporary, name), bytes);
    }
    await writeSynced(join(temporary, checksumsFile), Buffer.from(JSON.stringify(checksums)));
    await syncFolder(temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    await syncFolder(parent);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Replaces one small file whole; once it resolves, a power cut does not bring the old one back. */
export async function replaceFile(path: string, content: string): Promise<void> {
  await writeFileAtomic(path, content);
  await syncFolder(dirname(path));
}

/** Reads files that `writeWhole` wrote, checked against their checksums. */
export async function readWhole<Name extends string>(
  folder: string,
  names: readonly Name[],
): Promise<Read<Record<Name, Buffer>>> {
  const checksums = await readJson(join(folder, checksumsFile), checksumsSchema);
  if (checksums.status !== 'found') return checksums;
  const contents: Partial<Record<Name, Buffer>> = {};
  for (const name of names) {
    const path = join(folder, name);
    const content = await readFile(path).catch((error: NodeJS.ErrnoException) => error);
    if (content instanceof Error) return unreadable(path, content);
    if (sha256(content) !== checksums.value[name]?.sha256) {
      return {
        status: 'damaged',
        path,
        message: 'its checksum is not the one it was written with',
      };
    }
    contents[name] = content;
  }
  return { status: 'found', value: contents as Record<Name, Buffer> };
}

/** Like `readWhole` but by sizes alone: null when all is there, else what is wrong. Cheap for large files. */
export async function findDamage(folder: string): Promise<Read<never> | null> {
  const checksums = await readJson(join(folder, checksumsFile), checksumsSchema);
  if (checksums.status !== 'found') return checksums;
  for (const [name, { bytes }] of Object.entries(checksums.value)) {
    const path = join(folder, name);
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error) return unreadable(path, found);
    if (found.size !== bytes) {
      return { status: 'damaged', path, message: `${found.size} bytes, written were ${bytes}` };
    }
  }
  return null;
}

/** JSON checked against a schema. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<Read<T>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (text instanceof Error) return unreadable(path, text);
  return parseJson(path, text, schema);
}

export function parseJson<T>(path: string, text: string, schema: z.ZodType<T>): Read<T> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { status: 'damaged', path, message: 'not JSON' };
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return { status: 'found', value: parsed.data };
  const issue = parsed.error.issues[0];
  return {
    status: 'damaged',
    path,
    message: `${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'not as expected'}`,
  };
}

/**
 * Removes a folder so that it is there whole or not at all, whenever the process ends.
 *
 * @param isWanted asked once nobody can find it any more: if so, it is put back
 * @returns whether it is gone
 */
export async function removeWhole(
  folder: string,
  isWanted: () => Promise<boolean>,
): Promise<boolean> {
  const temporary = join(dirname(folder), temporaryName(folder));
  await rm(temporary, { recursive: true, force: true });
  try {
    await rename(folder, temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  if (await isWanted()) {
    await rename(temporary, folder);
    return false;
  }
  await rm(temporary, { recursive: true, force: true });
  return true;
}

/** Removes what writers left that died halfway; what a living one writes stays. */
export async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (isAbandoned(name)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Whether a folder of that name was being written by somebody who is no more. */
export function isAbandoned(name: string): boolean {
  const writer = temporaryPattern.exec(name)?.[1];
  return writer !== undefined && !isAlive(Number(writer));
}

const temporaryPattern = /^\.tmp-(\d+)-/;

function temporaryName(folder: string): string {
  return `.tmp-${process.pid}-${folder.slice(dirname(folder).length + 1)}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function unreadable(path: string, error: NodeJS.ErrnoException): Read<never> {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return { status: 'missing', path };
  return { status: 'damaged', path, message: error.message };
}

async function writeSynced(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder; its renames are journalled.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
