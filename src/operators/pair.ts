import type { PixelSpacing } from '../formats/frames.js';
import { type GridSize, isSameSize } from './image.js';

/**
 * The join of images and masks, one sample at a time, as pure steps: what its files make up now,
 * what has to be done about it, what there is to say that has not been said.
 *
 *                  the other half comes, sizes agree
 *     waiting ────────────────────────────────────────> fine: stored, or no file at all
 *        ^  └──────────────────────────> mismatched ──────^  │
 *        └───── a half goes ─────────────────┴───────────────┘
 */
export interface SampleState {
  readonly files:
    | { readonly are: 'fine' }
    | { readonly are: 'waiting'; readonly missing: Half; readonly isReported: boolean }
    /** Image and mask are of different sizes, which was said in these words. */
    | { readonly are: 'mismatched'; readonly lastReported: string };
  /** Whether what is stored has been told of since the start. */
  readonly isAnnounced: boolean;
  /** Whether one of its files is there but could not be read so far. */
  readonly isUndecided: boolean;
  /** Duplicates that have been told to be left out. */
  readonly leftOut: readonly string[];
}

export type Half = 'image' | 'mask';

/** What pairing has to know of a file. */
export interface PairFile extends GridSize {
  readonly path: string;
  readonly sha256: string;
  readonly spacing?: PixelSpacing;
}

/** What pairing has to know of a stored sample. */
export interface StoredPair {
  readonly imageSha: string;
  readonly maskSha: string | null;
  readonly preprocessing: string;
  readonly subject?: string;
  readonly spacing?: PixelSpacing;
}

/** What is there of a sample: the files that count, and what is stored. */
export interface SampleFiles<File extends PairFile> {
  readonly image: File | null;
  readonly mask: File | null;
  /** False for test images. */
  readonly needsMask: boolean;
  readonly stored: StoredPair | undefined;
  readonly preprocessing: string;
  readonly subject?: string | undefined;
}

export type PairAction<File> =
  | {
      readonly do: 'store';
      readonly image: File;
      readonly mask: File | null;
      readonly reason: 'new' | 'changed' | 'mask-changed' | 'settings-changed';
    }
  /** It is stored as it is, and nobody has been told since the start. */
  | { readonly do: 'announce' }
  | { readonly do: 'remove' }
  | { readonly do: 'nothing' };

export interface PairStep<File> {
  readonly state: SampleState;
  readonly action: PairAction<File>;
  /** A mask that does not fit, and why, where that is news. */
  readonly mismatch: { readonly path: string; readonly message: string } | null;
}

/** Of most samples; nothing has to be kept of them beside the catalog. */
export const usualState: SampleState = {
  files: { are: 'fine' },
  isAnnounced: true,
  isUndecided: false,
  leftOut: [],
};

/** Of a sample that is stored since before the start. */
export const unannouncedState: SampleState = { ...usualState, isAnnounced: false };

const fine = { are: 'fine' } as const;
const nothing = { do: 'nothing' } as const;

/**
 * A file of a sample has come, has changed or has gone.
 *
 * @param isLoss whether a file went and none took its place. One that came and is still alone says
 * nothing about its partner: a scan may be on its way there.
 */
export function pair<File extends PairFile>(
  state: SampleState,
  there: SampleFiles<File>,
  isLoss: boolean,
): PairStep<File> {
  const { image, mask, needsMask, stored } = there;
  const removal = stored === undefined ? nothing : ({ do: 'remove' } as const);
  if (image === null || (mask === null && needsMask)) {
    const isAlone = needsMask && (image !== null || mask !== null);
    const files = isAlone ? waitingFor(image === null ? 'image' : 'mask', state) : fine;
    return { state: { ...state, files }, action: isLoss ? removal : nothing, mismatch: null };
  }
  if (mask !== null && !isSameSize(image, mask)) {
    const message = `is ${sizeOf(mask)}, its image ${sizeOf(image)} (height x width)`;
    const lastReported = `${mask.path} ${message}`;
    const { files } = state;
    const isNews = files.are !== 'mismatched' || files.lastReported !== lastReported;
    return {
      state: { ...state, files: { are: 'mismatched', lastReported } },
      action: removal,
      mismatch: isNews ? { path: mask.path, message } : null,
    };
  }
  const reason = ingestReason(image, mask, there);
  const known = state.isAnnounced ? nothing : ({ do: 'announce' } as const);
  const action = reason === 'cached' ? known : ({ do: 'store', image, mask, reason } as const);
  return { state: { ...state, files: fine }, action, mismatch: null };
}

/** The same as comparing fingerprints, field by field, so that the answer says what changed. */
function ingestReason(
  image: PairFile,
  mask: PairFile | null,
  there: Pick<SampleFiles<PairFile>, 'stored' | 'preprocessing' | 'subject'>,
) {
  const { stored, preprocessing, subject } = there;
  if (stored === undefined) return 'new';
  if (stored.imageSha !== image.sha256) return 'changed';
  if (stored.maskSha !== (mask?.sha256 ?? null)) return 'mask-changed';
  const isAsBefore =
    stored.preprocessing === preprocessing &&
    stored.subject === subject &&
    stored.spacing?.rowMm === image.spacing?.rowMm &&
    stored.spacing?.columnMm === image.spacing?.columnMm;
  return isAsBefore ? 'cached' : 'settings-changed';
}

/**
 * Several files stand for one half of a sample: those beside the one that counts are left out, each
 * of which is said once.
 */
export function leaveOutDuplicates(
  state: SampleState,
  there: readonly string[],
  winner: string,
): { readonly state: SampleState; readonly newlyLeftOut: readonly string[] } {
  const before = withoutDuplicate(state, winner);
  const newlyLeftOut = there.filter((path) => path !== winner && !before.leftOut.includes(path));
  if (newlyLeftOut.length === 0) return { state: before, newlyLeftOut };
  return { state: { ...before, leftOut: [...before.leftOut, ...newlyLeftOut] }, newlyLeftOut };
}

/** A file that was left out has gone, or counts now. */
export function withoutDuplicate(state: SampleState, path: string): SampleState {
  if (!state.leftOut.includes(path)) return state;
  return { ...state, leftOut: state.leftOut.filter((other) => other !== path) };
}

/** Its waiting for a partner has been told. */
export function waitingReported(state: SampleState): SampleState {
  const { files } = state;
  return files.are === 'waiting' ? { ...state, files: { ...files, isReported: true } } : state;
}

export function isUsual({ files, isAnnounced, isUndecided, leftOut }: SampleState): boolean {
  return files.are === 'fine' && isAnnounced && !isUndecided && leftOut.length === 0;
}

function waitingFor(missing: Half, { files }: SampleState): SampleState['files'] {
  const isSame = files.are === 'waiting' && files.missing === missing;
  return isSame ? files : { are: 'waiting', missing, isReported: false };
}

function sizeOf({ height, width }: GridSize): string {
  return `${height}x${width}`;
}
