import type { Frame, SampleArray } from '../formats/frames.js';
import type { GreyImage, GridSize } from '../operators/image.js';
import { maskOfBytes } from '../operators/mask-of-bytes.js';
import { ok, type Result } from '../operators/result.js';
import type { Doubt } from './doubt.js';
import { doubtsOf } from './doubts.js';
import { fillOutline, type OutlineCode } from './fill-outline.js';
import { foregroundOf } from './foreground.js';

/** How masks are to be understood. */
export interface MaskSettings {
  /** The one label that is foreground; null for every one but 0. */
  readonly label: number | null;
  /** Foreground is what a screen shows bright, or dark; `auto` is `white`, with doubts told. */
  readonly polarity: 'auto' | 'white' | 'black';
  /** `outline`: what is drawn is a ring, and foreground is what it encloses, the ring included. */
  readonly kind: 'filled' | 'outline';
}

export const usualMasks: MaskSettings = { label: null, polarity: 'auto', kind: 'filled' };

export interface MaskContext {
  /** Of a JPEG, whose small values are the noise of its compression. */
  readonly isLossy: boolean;
  /** Low values are bright, by the file's word. */
  readonly isInverted: boolean;
}

export interface ReadMask {
  /** 0 and 1. */
  readonly mask: GreyImage;
  readonly notes: readonly Doubt[];
}

/**
 * A frame as a mask of 0 and 1. A colour counts by its strongest channel, so that pure red is
 * foreground like white; where the colour is everywhere the same and the opacity is not, the opacity
 * counts. `foregroundOf` says how labels are told from grey. In a JPEG nothing is a label: half of
 * the range decides. With `label`, foreground is where the value is just that. `black` takes the
 * other pixels; so does a file that says that low is bright, so that the two undo each other.
 */
export function maskOfFrame(
  frame: Frame,
  context: MaskContext,
  settings: MaskSettings = usualMasks,
): Result<ReadMask, OutlineCode> {
  const { height, width } = frame;
  const values = strengthsOf(frame);
  const drawn = drawnIn(values, frame, context, settings.label);
  const notes = [...drawn.notes];
  let data = drawn.data;
  if (context.isInverted !== (settings.polarity === 'black')) data = data.map((value) => 1 - value);
  if (context.isInverted && settings.polarity === 'auto') {
    const message =
      'white is zero by its tag: what is zero in the file was taken; --mask-polarity settles it';
    notes.push({ code: 'MASK_POLARITY_UNSURE', message });
  }
  const mask = { height, width, data };
  const filled = settings.kind === 'outline' ? fillOutline(mask) : ok(mask);
  if (!filled.ok) return filled;
  const { kind, label, polarity } = settings;
  // One label may well be of a picture of many.
  const ofValues = label === null ? { values } : {};
  notes.push(...doubtsOf(filled.value, { kind, isSettled: polarity !== 'auto', ...ofValues }));
  return ok({ mask: filled.value, notes });
}

interface Drawn {
  readonly data: Uint8Array;
  readonly notes: readonly Doubt[];
}

function drawnIn(
  values: SampleArray,
  size: GridSize,
  { isLossy }: MaskContext,
  label: number | null,
): Drawn {
  if (label !== null)
    return { data: foregroundWhere(values, (value) => value === label), notes: [] };
  if (values instanceof Uint8Array) {
    const plain = maskOfBytes(values, !isLossy);
    if (plain !== null) return { data: plain, notes: isLossy ? faintNotes(values, plain) : [] };
  }
  const foreground = foregroundOf(values, size);
  if (foreground.is === 'labels') {
    const data = foregroundWhere(values, (value) => value !== 0 && !Number.isNaN(value));
    return { data, notes: mixedNotes(foreground.mixed) };
  }
  const { least, labels, edges } = foreground;
  const data = foregroundWhere(values, (value) => value >= least || labels.includes(value));
  return { data, notes: [...mixedNotes(labels), ...edgeNotes(edges)] };
}

function foregroundWhere(values: SampleArray, isIn: (value: number) => boolean): Uint8Array {
  const mask = new Uint8Array(values.length);
  for (let pixel = 0; pixel < mask.length; pixel++) mask[pixel] = isIn(values[pixel]!) ? 1 : 0;
  return mask;
}

/** One value a pixel: grey, the strongest colour, or the opacity where only that tells anything. */
function strengthsOf({ height, width, data, stride, colours, hasAlpha }: Frame): SampleArray {
  if (stride === 1) return data;
  const strengths = data.slice(0, height * width);
  const opacities = hasAlpha ? data.slice(0, height * width) : null;
  let hasOneColour = true;
  let hasOneOpacity = true;
  for (let pixel = 0, at = 0; pixel < strengths.length; pixel++, at += stride) {
    const first = data[at]!;
    strengths[pixel] = colours === 1 ? first : Math.max(first, data[at + 1]!, data[at + 2]!);
    for (let channel = 0; hasOneColour && channel < colours; channel++) {
      hasOneColour = data[at + channel] === data[channel];
    }
    if (opacities === null) continue;
    const opacity = data[at + stride - 1]!;
    opacities[pixel] = opacity;
    if (opacity !== opacities[0]) hasOneOpacity = false;
  }
  return opacities !== null && hasOneColour && !hasOneOpacity ? opacities : strengths;
}

function faintNotes(values: Uint8Array, mask: Uint8Array): Doubt[] {
  if (mask.includes(1)) return [];
  const strongest = values.reduce((most, value) => Math.max(most, value), 0);
  if (strongest === 0) return [];
  const message = `a JPEG whose strongest value is ${strongest} of 255: labels cannot be told from the noise of its compression, so it was taken as empty; save it as PNG or TIFF, or with 255 for foreground`;
  return [{ code: 'MASK_TOO_FAINT', message }];
}

function mixedNotes(labels: readonly number[]): Doubt[] {
  if (labels.length === 0) return [];
  const message = `holds the labels ${labels.join(', ')}: each was taken as foreground; --label takes one of them`;
  return [{ code: 'MASK_MIXED_LABELS', message }];
}

function edgeNotes(edges: readonly number[]): Doubt[] {
  if (edges.length === 0) return [];
  const message = `values ${edges.join(', ')} lie in thin traces only and were taken as a soft edge, not as foreground`;
  return [{ code: 'MASK_SOFT_EDGE', message }];
}
