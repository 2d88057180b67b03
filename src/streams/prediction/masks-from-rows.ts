import { encodeMaskPng } from '../../operators/mask-png.js';
import { decodeRle } from '../../operators/rle.js';
import type { CacheWrite } from '../../store/cache-writes.js';
import type { Catalog } from '../../store/catalog.js';
import { listMaskFiles, removeMaskFile, writeMaskFile } from '../../store/mask-files.js';
import { inTimeSlices } from '../time-slice.js';

/**
 * Brings store/masks back in line with the rows, as a crash or a person may have left it: missing
 * masks, and after a power cut all, are drawn again from their rows, without predicting; masks and
 * rows of nothing go.
 */
export async function drawMasksFromRows(catalog: Catalog, masksFolder: string): Promise<void> {
  const { samples, predictions } = catalog;
  const present = await listMaskFiles(masksFolder);
  const rows = async (isMeant: (id: string) => boolean) =>
    await inTimeSlices(filtered(predictions.keys(), isMeant));
  const isOfNothing = (id: string) => !samples.has(`test/${id}`);
  // Asked again: an image may have come back while the others were looked at.
  const ofNothing = (await rows(isOfNothing)).filter(isOfNothing);
  if (ofNothing.length > 0) {
    await catalog.commit(ofNothing.map((id): CacheWrite => ({ remove: 'prediction', id })));
  }
  for (const id of present) if (!predictions.has(id)) await removeMaskFile(masksFolder, id);
  const missing = await rows((id) => catalog.areMasksInDoubt || !present.has(id));
  for await (const record of catalog.rowsOf(missing)) {
    const { id, fingerprint } = record;
    const mask = decodeRle(record.rle, record);
    if (!mask.ok) continue;
    const png = await encodeMaskPng(mask.value, record);
    const isCurrent = predictions.get(id)?.fingerprint === fingerprint;
    if (isCurrent) await writeMaskFile(masksFolder, id, png);
  }
  catalog.masksRestored();
}

function* filtered(
  ids: Iterable<string>,
  isMeant: (id: string) => boolean,
): Generator<void, string[]> {
  const meant: string[] = [];
  for (const id of ids) {
    if (isMeant(id)) meant.push(id);
    yield;
  }
  return meant;
}
