import type { MeasureAgreement } from '../../events.js';
import { agreementOf, type MeasuredTwice } from '../../operators/agreement.js';
import { groupBy } from '../../operators/group-by.js';
import type { ScoredImage } from './score-fold.js';

type Sized = Pick<ScoredImage, 'subject' | 'model' | 'pixelMm2'>;

/** One way to measure; null of an image that it does not concern, `found` null where nothing could be measured. */
type SizesOf = (image: Sized) => { readonly found: number | null; readonly truth: number } | null;

/**
 * How well sizes are measured, each where there is an image for it: areas in mm² where the spacing is
 * known, in pixels where it is not.
 */
export function measureAgreements(images: readonly Sized[]): MeasureAgreement[] {
  const areas: SizesOf = ({ model: { foundPixels, truthPixels }, pixelMm2 }) => {
    if (truthPixels === 0) return null;
    const each = pixelMm2 ?? 1;
    return { found: foundPixels === 0 ? null : foundPixels * each, truth: truthPixels * each };
  };
  const isSpaced = ({ pixelMm2 }: Sized) => pixelMm2 !== null;
  const area = { measure: 'area', against: 'mask', trueMasks: null } as const;
  return [
    ...agreement(images.filter(isSpaced), areas, { ...area, unit: 'mm2' }),
    ...agreement(
      images.filter((image) => !isSpaced(image)),
      areas,
      { ...area, unit: 'pixels' },
    ),
  ];
}

/** None where nothing was found that could be measured. */
function agreement(
  images: readonly Sized[],
  sizesOf: SizesOf,
  about: Pick<MeasureAgreement, 'measure' | 'unit' | 'against' | 'trueMasks'>,
): MeasureAgreement[] {
  let missed = 0;
  const bySubject = [...groupBy(images, ({ subject }) => subject).values()].map((ofSubject) =>
    ofSubject.flatMap((image): MeasuredTwice[] => {
      const sizes = sizesOf(image);
      if (sizes === null) return [];
      const { found, truth } = sizes;
      if (found === null) missed++;
      return found === null ? [] : [{ found, truth }];
    }),
  );
  const found = agreementOf(bySubject);
  return found === null ? [] : [{ ...about, ...found, missed }];
}
