import type { MeasureAgreement } from '../../events.js';
import { agreementOf, type MeasuredTwice } from '../../operators/agreement.js';
import { groupBy } from '../../operators/group-by.js';
import type { ScoredImage } from './score-fold.js';
import type { TrueMeasures } from './true-measures.js';

type Sized = Pick<ScoredImage, 'subject' | 'model' | 'sizes' | 'table'>;

/** Of one image; null where it does not count, `found` null where nothing could be measured. */
type Measured = { readonly found: number | null; readonly truth: number } | null;

/**
 * How well sizes are measured, each where there is an image for it: areas against those of the true
 * masks, in mm² where the spacing is known, in pixels where it is not; and against what a table tells.
 * A table of circumferences has those of the true masks compared, too: how the masks were drawn may
 * make them larger than what the table was measured on.
 */
export function measureAgreements(
  images: readonly Sized[],
  table: TrueMeasures['is'] | null,
): MeasureAgreement[] {
  const ofMask = { against: 'mask', trueMasks: null } as const;
  const around = { ...ofMask, measure: 'circumference', unit: 'mm' } as const;
  return [
    ...agreement(images, areaInMm2, { ...ofMask, measure: 'area', unit: 'mm2' }),
    ...agreement(images, areaInPixels, { ...ofMask, measure: 'area', unit: 'pixels' }),
    ...(table === 'circumference' ? agreement(images, circumference, around) : []),
    ...(table === null ? [] : againstTable(images, table)),
  ];
}

function areaInMm2({ sizes }: Sized): Measured {
  if (sizes === null || sizes.truth.area === 0) return null;
  return { found: unlessNothing(sizes.found.area), truth: sizes.truth.area };
}

function circumference({ sizes }: Sized): Measured {
  const truth = sizes?.truth.circumference ?? null;
  return truth === null ? null : { found: sizes!.found.circumference, truth };
}

function areaInPixels({ sizes, model: { foundPixels, truthPixels } }: Sized): Measured {
  if (sizes !== null || truthPixels === 0) return null;
  return { found: unlessNothing(foundPixels), truth: truthPixels };
}

/** A mask without pixels has no size that could be wrong: it was missed. */
function unlessNothing(size: number | null): number | null {
  return size === 0 ? null : size;
}

function againstTable(images: readonly Sized[], measure: TrueMeasures['is']): MeasureAgreement[] {
  const of =
    (which: 'found' | 'truth') =>
    ({ sizes, table }: Sized): Measured =>
      sizes === null || table === null
        ? null
        : { found: unlessNothing(sizes[which][measure]), truth: table };
  const { agrees: trueMasks } = compared(images, of('truth'));
  const unit = measure === 'area' ? 'mm2' : 'mm';
  return agreement(images, of('found'), { measure, unit, against: 'table', trueMasks });
}

/** None where there is nothing to measure. */
function agreement(
  images: readonly Sized[],
  measuredIn: (image: Sized) => Measured,
  about: Pick<MeasureAgreement, 'measure' | 'unit' | 'against' | 'trueMasks'>,
): MeasureAgreement[] {
  const { agrees: foundMasks, missed } = compared(images, measuredIn);
  return foundMasks === null && missed === 0 ? [] : [{ ...about, missed, foundMasks }];
}

function compared(images: readonly Sized[], measuredIn: (image: Sized) => Measured) {
  let missed = 0;
  const bySubject = [...groupBy(images, ({ subject }) => subject).values()].map((ofSubject) =>
    ofSubject.flatMap((image): MeasuredTwice[] => {
      const measured = measuredIn(image);
      if (measured === null) return [];
      const { found, truth } = measured;
      if (found === null) missed++;
      return found === null ? [] : [{ found, truth }];
    }),
  );
  return { agrees: agreementOf(bySubject), missed };
}
