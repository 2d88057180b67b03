import { createHash } from 'node:crypto';
import { type ReadingSettings, readingKey } from '../formats/reading-settings.js';
import type { GridSize } from './image.js';
import type { PostProcessing } from './post-processing.js';

/**
 * Raise it when decode.ts or resize.ts begins to yield other pixels for the same file: every
 * sample is then read again, with the reason `settings-changed`.
 */
export const preprocessingVersion = 2;

/**
 * Raise it when a probability map begins to yield another mask with the same settings, or when a row
 * begins to hold more that is measured beside it: each image is then predicted once more, with the
 * reason `settings-changed`, and its row stands until then.
 */
export const postProcessingVersion = 2;

/** All that decides a cached sample's pixels, apart from the files' bytes. */
export interface Preprocessing {
  readonly size: GridSize;
  readonly version: number;
  /** How files are read where that is not as usual, as `readingKey` tells; else empty. */
  readonly reading: string;
}

/** Settings that are left out are as usual. */
export type PreprocessingSettings = { readonly size: GridSize } & Partial<ReadingSettings>;

export function preprocessingOf(settings: PreprocessingSettings): Preprocessing {
  return { size: settings.size, version: preprocessingVersion, reading: readingKey(settings) };
}

/** Names preprocessing settings in keys and records. */
export function preprocessingKey({ size, version, reading }: Preprocessing): string {
  const name = `${size.height}x${size.width}:v${version}`;
  return reading === '' ? name : `${name}:${reading}`;
}

/** All that decides a mask, apart from the sample and the model. */
export interface VersionedPostProcessing extends PostProcessing {
  readonly version: number;
}

export function versionedPostProcessing(settings: PostProcessing): VersionedPostProcessing {
  return { ...settings, version: postProcessingVersion };
}

/** Names post-processing settings in keys and records; what is not set is left out. */
export function postProcessingKey({
  threshold,
  presenceThreshold,
  leastArea,
  fillHoles,
  largestComponents,
  version,
}: VersionedPostProcessing): string {
  const set = [
    `threshold ${threshold}`,
    ...(presenceThreshold === null ? [] : [`evidence ${presenceThreshold}`]),
    ...(fillHoles ? ['holes filled'] : []),
    ...(largestComponents === null ? [] : [`largest ${largestComponents}`]),
    ...(leastArea === 0 ? [] : [`area ${leastArea}`]),
  ];
  return `${set.join(', ')}:v${version}`;
}

/** Hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Equal fingerprints: the cached sample is current, nothing has to be read again. */
export function sampleFingerprint(sample: {
  /** SHA-256 of the image file's bytes: other pixels, other sample. */
  readonly image: string;
  /** SHA-256 of the mask file's bytes; null for a test image, or while the mask is missing. */
  readonly mask: string | null;
  /** The same bytes at another size are another sample. */
  readonly preprocessing: Preprocessing;
  /** Where the id does not tell: another subject is in another fold. */
  readonly subject?: string | undefined;
}): string {
  const { image, mask, preprocessing, subject } = sample;
  const { size, version, reading } = preprocessing;
  const content = ['sample', image, mask, size.height, size.width, version];
  // Left out where they are as usual: such samples keep the fingerprint that they always had.
  if (reading !== '' || subject !== undefined) content.push(reading, subject ?? '');
  return sha256(JSON.stringify(content));
}

/** Equal fingerprints: the stored mask is current, nothing has to be predicted again. */
export function predictionFingerprint(prediction: {
  /** Fingerprint of the sample that was predicted. */
  readonly sample: string;
  /** Another model, another mask. */
  readonly modelId: string;
  /** The same probabilities with other settings are another mask. */
  readonly postProcessing: VersionedPostProcessing;
}): string {
  const { sample, modelId, postProcessing } = prediction;
  return sha256(JSON.stringify(['prediction', sample, modelId, postProcessingKey(postProcessing)]));
}

/**
 * Of all samples trained on, in whatever order they come. The id counts beside the content: it
 * names the subject, so it decides the fold and the order of an epoch.
 */
export function dataFingerprint(
  samples: Iterable<{ readonly id: string; readonly fingerprint: string }>,
): string {
  const lines = Array.from(samples, ({ id, fingerprint }) => `${id} ${fingerprint}`).sort();
  return sha256(JSON.stringify(['data', ...lines]));
}
