import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ReadingSettings, readingOf } from '../../formats/reading-settings.js';
import type { Layout } from '../../layout/file-role.js';
import { decode, mostImagePixels, pixelsOf } from '../../operators/decode.js';
import type { GreyImage } from '../../operators/image.js';
import { openFile } from '../../operators/open-file.js';
import { fail, ok, type Result } from '../../operators/result.js';
import { partOf } from '../../store/part-path.js';
import { kindOf } from '../../store/pixel-keys.js';
import type { FileRecord } from '../../store/records.js';
import { hashOfBytes } from '../hash-of-bytes.js';
import { AwaitedSizes } from './awaited-sizes.js';
import type { FileInHand } from './file-in-hand.js';
import { type PartsContext, partsIn } from './parts-in.js';

/** Where files lie, which is what, and how they are read. */
export interface FileContext {
  readonly raw: string;
  readonly layout: Layout;
  readonly reading: Partial<ReadingSettings>;
}

/**
 * The image or the mask of a file, or of a part of one, at full size: as it was taken in. `GONE`
 * where the file cannot be read any more, `CHANGED` where it holds something else now.
 */
export async function readAgain(
  record: FileRecord,
  { raw, layout, reading }: FileContext,
): Promise<Result<GreyImage>> {
  // What a label's size is, and whom an image shows, is known by now.
  const context: PartsContext = {
    ...{ layout, reading: readingOf(reading), maxPixels: mostImagePixels },
    ...{ hashPatient: () => '', sizeOf: () => record, awaited: new AwaitedSizes() },
    ...{ greys: { rangeFor: (_, own) => record.range?.taken ?? own }, threads: { open: openFile } },
  };
  const { file: path, part } = partOf(record.path);
  const bytes = await readFile(join(raw, path)).catch((error: NodeJS.ErrnoException) => error);
  // Without its path, which whoever asks tells: many such files have one reason.
  if (bytes instanceof Error) {
    return fail('GONE', `its file under raw/ cannot be read any more (${bytes.code})`);
  }
  const kind = kindOf(record) === 'mask' ? 'mask' : 'image';
  const isLabels = part !== null && context.layout.roleOf(path).kind === 'labels';
  const read: FileInHand<null> = {
    ...{ type: 'in-hand', path, kind: isLabels ? 'labels' : kind, notes: {}, stamp: record },
    ...{ attempt: 0, started: 0, sha256: await hashOfBytes(bytes), content: null },
  };
  const inFile = await partsIn({ ...read, content: { kind, bytes, isMovable: false } }, context);
  if (!inFile.ok) return inFile;
  const parts = inFile.value.are === 'one' ? [inFile.value.file] : inFile.value.parts;
  for (const each of parts) {
    if (each.path !== record.path || each.sha256 !== record.sha256) continue;
    const decoded = await decode(context)(each.content);
    const pixels = decoded.ok ? await pixelsOf(decoded.value) : decoded;
    return pixels.ok ? ok(pixels.value.image) : pixels;
  }
  return fail('CHANGED', 'it has changed since it was taken in; run nerveflow ingest');
}
