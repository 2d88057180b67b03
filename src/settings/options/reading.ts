import { z } from 'zod';
import { type ReadingSettings, usualReading } from '../../formats/reading-settings.js';
import type { Layout } from '../../layout/file-role.js';
import { kaggleLayout } from '../../layout/kaggle.js';
import { layoutOf } from '../../layout/layouts.js';
import { option } from '../option-spec.js';
import { anyNumber, wholeNumber } from '../option-values.js';

const depths = [8, 10, 12, 14, 16];
const auto = z.literal('auto');
/** `centre,width` as text, or two numbers in the config file. */
const window = z
  .union([
    z.tuple([z.number(), z.number()]),
    z.string().transform((text) => text.split(',').map(Number)),
  ])
  .pipe(z.tuple([z.number(), z.number().positive()]))
  .transform(([centre, width]) => ({ centre, width }));
const everyNth = z
  .string()
  .regex(/^every:[1-9]\d{0,5}$/)
  .transform((text) => ({ every: Number(text.slice('every:'.length)) }));
/** One number for both directions. */
const spacing = anyNumber(0.0001, 100).transform((mm) => ({ rowMm: mm, columnMm: mm }));

const layout = z.unknown().transform((given, context) => {
  const read = layoutOf(given);
  if (read.ok) return read.value;
  context.addIssue({ code: 'custom', message: read.failure.message });
  return z.NEVER;
});

/** Which file is what, and how files are read. */
export const readingOptions = {
  layout: option<Layout>({
    flag: '--layout',
    argument: '<name>',
    describe:
      'which file is what: kaggle (train/S_N.tif, train/S_N_mask.tif, test/N.tif), folders (images/, masks/), pairs (X.png, X_mask.png), or patterns in the config file; nerveflow layout tells what each file is',
    takes: 'kaggle, folders, pairs, or in the config file an object of patterns',
    schema: layout,
    fallback: kaggleLayout,
  }),
  frames: option<ReadingSettings['frames']>({
    flag: '--frames',
    argument: '<which>',
    describe: 'which frames of a cine loop or a stack are samples: all, first, or every:<n>',
    takes: 'all, first or every:<n>',
    schema: z.union([z.enum(['all', 'first']), everyNth]),
    fallback: usualReading.frames,
  }),
  depth: option<ReadingSettings['depth']>({
    flag: '--depth',
    argument: '<bits>',
    describe: 'bits of grey values; auto takes the fewest of 8, 10, 12, 14, 16 that hold them',
    takes: 'auto, 8, 10, 12, 14 or 16',
    schema: z.union([auto, wholeNumber(8, 16).refine((bits) => depths.includes(bits))]),
    fallback: usualReading.depth,
  }),
  window: option<ReadingSettings['window']>({
    flag: '--window',
    argument: '<centre,width>',
    describe: 'grey values from black to white, as DICOM tells them (default: as the file says)',
    takes: 'two numbers with a comma between them, the second above 0',
    schema: window,
    fallback: usualReading.window,
  }),
  label: option<ReadingSettings['label']>({
    flag: '--label',
    argument: '<label>',
    describe:
      'the one label that is foreground: its number, or its name in COCO or labelme (default: all but 0)',
    takes: 'a number or a name',
    schema: z.union([z.number().transform(String), z.string().trim().min(1)]),
    fallback: usualReading.label,
  }),
  maskPolarity: option<ReadingSettings['maskPolarity']>({
    flag: '--mask-polarity',
    argument: '<which>',
    describe: 'what is foreground in a mask: what is white, or what is black; auto takes white',
    takes: 'auto, white or black',
    schema: z.enum(['auto', 'white', 'black']),
    fallback: usualReading.maskPolarity,
  }),
  maskKind: option<ReadingSettings['maskKind']>({
    flag: '--mask-kind',
    argument: '<kind>',
    describe: 'filled masks, or outlines, which are filled',
    takes: 'filled or outline',
    schema: z.enum(['filled', 'outline']),
    fallback: usualReading.maskKind,
  }),
  crop: option<ReadingSettings['crop']>({
    flag: '--crop',
    argument: '<what>',
    describe: 'region cuts DICOM images to the part of the screen that shows tissue',
    takes: 'none or region',
    schema: z.enum(['none', 'region']),
    fallback: usualReading.crop,
  }),
  spacing: option<ReadingSettings['spacing']>({
    flag: '--spacing',
    argument: '<mm>',
    describe: 'millimetres from one pixel to the next (default: as the files say)',
    takes: 'a number from 0.0001 to 100',
    schema: spacing,
    fallback: usualReading.spacing,
  }),
} as const;
