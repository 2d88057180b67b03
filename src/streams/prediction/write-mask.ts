import { concatMap, type OperatorFunction } from 'rxjs';
import { encodeMaskPng } from '../../operators/mask-png.js';
import type { Catalog } from '../../store/catalog.js';
import { writeMaskFile } from '../../store/mask-files.js';
import { storeFailure } from '../../store/store-failure.js';
import { type ImageInHand, outdated, refused } from './image-in-hand.js';

/** The mask as a file, before its row: a row whose mask is missing is drawn again, not the reverse. */
export function writeMask(
  { samples }: Pick<Catalog, 'samples'>,
  folder: string,
): OperatorFunction<ImageInHand, ImageInHand> {
  return concatMap(async (image): Promise<ImageInHand> => {
    if (image.at !== 'drawn') return image;
    const { sample, reason, servedBy, row, mask, picture } = image;
    const png = await encodeMaskPng(mask, row);
    // Asked in the order in which the catalog changes: a later change writes after this one. The very
    // record: a sample that went away and came back equal has lost its mask in between.
    if (!samples.holds(sample)) return outdated(image);
    try {
      await writeMaskFile(folder, sample.id, png);
      return { sample, reason, servedBy, at: 'written', row, picture };
    } catch (error) {
      return refused(image, 'mask', storeFailure(error as Error));
    }
  });
}
