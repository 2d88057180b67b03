import { sharp } from '../operators/configured-sharp.js';
import type { GreyImage, GridSize } from '../operators/image.js';
import { ok } from '../operators/result.js';
import type { ExportFormat } from './export-format.js';
import { fileFor, imageNameOf } from './file-names.js';
import { LeftOutList } from './left-out.js';

/** The model's orange and the truth's blue, as on the dashboard. */
const modelColour = [0xff, 0x87, 0x00] as const;
const truthColour = [0x2f, 0x9b, 0xff] as const;
/** Widths of the picture that a line takes. */
const lineShare = 400;

/**
 * Pictures with the outline drawn on the original image: `test/<id>.png` with the predicted one; with
 * truth `train/<id>.png` with the true one. The line is the outermost of the mask.
 */
export const png: ExportFormat = {
  name: 'png',
  of: 'images',
  async write(source, folder) {
    const leftOut = new LeftOutList();
    let images = 0;
    for await (const image of source.predicted()) {
      const original = await image.readOriginal();
      if (!original.ok) {
        leftOut.add(imageNameOf(image), original.failure);
        continue;
      }
      const path = await fileFor(folder, `test/${image.id}.png`);
      await writeOverlay(path, original.value, image.mask(), modelColour);
      images++;
    }
    if (!source.withTruth) return ok({ images, leftOut: leftOut.all });
    for await (const pair of source.pairs()) {
      const original = await pair.readOriginal();
      const truth = original.ok ? await pair.readTruth() : original;
      if (!original.ok || !truth.ok) {
        if (!truth.ok) leftOut.add(imageNameOf(pair), truth.failure);
        continue;
      }
      const path = await fileFor(folder, `train/${pair.id}.png`);
      await writeOverlay(path, original.value, truth.value.data, truthColour);
      images++;
    }
    return ok({ images, leftOut: leftOut.all });
  },
};

async function writeOverlay(
  path: string,
  { height, width, data }: GreyImage,
  mask: Uint8Array,
  colour: readonly number[],
): Promise<void> {
  const raw = { height, width };
  const grey = sharp(data, { raw: { ...raw, channels: 1 } });
  const rgb = await grey.toColourspace('srgb').raw().toBuffer();
  const thickness = Math.max(1, Math.round(width / lineShare));
  for (let at = mask.indexOf(1); at !== -1; at = mask.indexOf(1, at + 1)) {
    if (isAtEdge(mask, at, raw, thickness)) rgb.set(colour, 3 * at);
  }
  await sharp(rgb, { raw: { ...raw, channels: 3 } })
    .png()
    .toFile(path);
}

/** Whether background, or the picture's edge, is at most so far, along a row or a column. */
function isAtEdge(
  mask: Uint8Array,
  at: number,
  { height, width }: GridSize,
  reach: number,
): boolean {
  const x = at % width;
  const y = (at - x) / width;
  if (x < reach || y < reach || x + reach >= width || y + reach >= height) return true;
  const far = reach * width;
  return !(mask[at - reach] && mask[at + reach] && mask[at - far] && mask[at + far]);
}
