import { readFile } from 'node:fs/promises';
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { decodeConcurrency } from '../operators/configured-sharp.js';
import { decodeMask } from '../operators/decode.js';
import { decodeRle } from '../operators/rle.js';
import type { Catalog } from '../store/catalog.js';
import { maskIdsIn, maskPath, removeMaskFile } from '../store/mask-files.js';
import type { PredictionRecord } from '../store/records.js';
import { drawMasksFromRows } from '../streams/prediction/masks-from-rows.js';
import { plural } from '../ui/format.js';
import { findingOf, firstOf, type MendableFinding } from './finding.js';

/** Whether each row has its mask in store/masks, the very one, and nothing else lies there. */
export async function checkMasks(catalog: Catalog, folder: string): Promise<MendableFinding[]> {
  const present = await maskIdsIn(folder);
  const ids = [...catalog.predictions.keys()];
  const missing = ids.filter((id) => !present.has(id));
  const redraw = () => drawMasksFromRows(catalog, folder);
  const different = await differentMasks(
    catalog.rowsOf(ids.filter((id) => present.has(id))),
    folder,
  );
  const ofNothing = [...present].filter((id) => !catalog.predictions.has(id));
  return [
    ...findingOf(missing, {
      code: 'MASK_MISSING',
      level: 'wrong',
      message: `masks/ lacks the masks of ${plural(missing.length, 'row')}: ${firstOf(missing)}`,
      mend: redraw,
    }),
    ...findingOf(different, {
      code: 'MASK_DIFFERS',
      level: 'wrong',
      message: `${plural(different.length, 'mask is', 'masks are')} not what the row says: ${firstOf(different)}`,
      async mend() {
        for (const id of different) await removeMaskFile(folder, id);
        await redraw();
      },
    }),
    ...findingOf(ofNothing, {
      code: 'MASK_OF_NOTHING',
      level: 'wrong',
      message: `masks/ holds ${plural(ofNothing.length, 'mask')} of no row: ${firstOf(ofNothing)}`,
      async mend() {
        for (const id of ofNothing) await removeMaskFile(folder, id);
      },
    }),
  ];
}

async function differentMasks(
  rows: AsyncIterable<PredictionRecord>,
  folder: string,
): Promise<string[]> {
  const compared = from(rows).pipe(
    mergeMap(async (row) => ((await isItsMask(row, folder)) ? [] : [row.id]), decodeConcurrency),
    toArray(),
  );
  const ids = (await lastValueFrom(compared)).flat();
  return ids.sort((a, b) => Number(a) - Number(b));
}

async function isItsMask(row: PredictionRecord, folder: string): Promise<boolean> {
  const wanted = decodeRle(row.rle, row);
  // Told of the row already.
  if (!wanted.ok) return true;
  const bytes = await readFile(maskPath(folder, row.id)).catch(() => null);
  if (bytes === null) return false;
  const decoded = await decodeMask(bytes, { maxPixels: row.height * row.width });
  return decoded.ok && Buffer.from(wanted.value).equals(decoded.value.data);
}
