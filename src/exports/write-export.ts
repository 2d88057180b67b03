import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeftOut } from '../events.js';
import { fail, ok, type Result } from '../operators/result.js';
import { removeFolder } from '../store/files-below.js';
import { removeAbandoned } from '../store/whole-folder.js';
import { version } from '../version.js';
import type { ExportFormat, ExportReport, ExportSource } from './export-format.js';

/** Says of a folder that it is ours to replace, and what is in it. */
const reportFile = 'export.json';

/**
 * Writes `<to>/<format>`, whole or not at all: the folder is filled under another name, then takes the
 * place of an earlier one. A folder that no export has written is left alone (`NOT_OURS`).
 *
 * @param fingerprint of all that it is made from; kept beside it
 * @param absent what is left out already, before the format has seen it
 */
export async function writeExport(
  format: ExportFormat,
  source: ExportSource,
  to: string,
  fingerprint: string,
  absent: readonly LeftOut[] = [],
): Promise<Result<ExportReport>> {
  const folder = join(to, format.name);
  if (!(await isOurs(folder))) {
    return fail('NOT_OURS', `${folder} holds files that no export has written: move them away`);
  }
  const filling = join(to, `.tmp-${process.pid}-${format.name}`);
  const replaced = `${filling}-before`;
  try {
    await mkdir(to, { recursive: true });
    await removeAbandoned(to);
    await removeFolder(filling);
    await mkdir(filling);
    const written = await format.write(source, filling);
    if (!written.ok) return written;
    const report = { ...written.value, leftOut: [...absent, ...written.value.leftOut] };
    const { name } = format;
    const text = JSON.stringify({ format: name, version, fingerprint, ...report }, null, 2);
    await writeFile(join(filling, reportFile), `${text}\n`);
    await rename(folder, replaced).catch(unlessMissing);
    await rename(filling, folder);
    return ok(report);
  } catch (error) {
    const { code = 'EXPORT_FAILED', message } = error as NodeJS.ErrnoException;
    return fail(code === 'ENOSPC' ? 'DISK_FULL' : code, `${folder}: ${message}`);
  } finally {
    await removeFolder(filling).catch(() => {});
    await removeFolder(replaced).catch(() => {});
  }
}

/** What an export that stands was made from; null where there is none that can be read. */
export async function fingerprintOfExport(to: string, name: string): Promise<string | null> {
  try {
    const report: unknown = JSON.parse(await readFile(join(to, name, reportFile), 'utf8'));
    return (report as { fingerprint?: string }).fingerprint ?? null;
  } catch {
    return null;
  }
}

async function isOurs(folder: string): Promise<boolean> {
  try {
    const names = await readdir(folder);
    return names.length === 0 || names.includes(reportFile);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
