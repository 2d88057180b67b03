import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isUsual,
  leaveOutDuplicates,
  type PairAction,
  type PairFile,
  pair,
  type SampleFiles,
  type SampleState,
  type StoredPair,
  unannouncedState,
  usualState,
  waitingReported,
  withoutDuplicate,
} from '../../src/operators/pair.js';

const size = { height: 20, width: 24 };
const image: PairFile = { path: 'train/1_1.tif', sha256: 'i', ...size };
const mask: PairFile = { path: 'train/1_1_mask.tif', sha256: 'm', ...size };
const small: PairFile = { ...mask, height: 10 };
const stored: StoredPair = { imageSha: 'i', maskSha: 'm', preprocessing: 'p' };
const none: SampleFiles<PairFile> = {
  ...{ image: null, mask: null, needsMask: true },
  ...{ stored: undefined, preprocessing: 'p' },
};
const both = { ...none, image, mask };

const waiting = (missing: 'image' | 'mask', isReported = false): SampleState => ({
  ...usualState,
  files: { are: 'waiting', missing, isReported },
});
const mismatched: SampleState = {
  ...usualState,
  files: {
    are: 'mismatched',
    lastReported: 'train/1_1_mask.tif is 10x24, its image 20x24 (height x width)',
  },
};
const unread = { ...unannouncedState, isUndecided: true };

const what = (action: PairAction<PairFile>) =>
  action.do === 'store' ? `store ${action.reason}` : action.do;

describe('what a file that came means', () => {
  test.each<[string, SampleState, SampleFiles<PairFile>, string, SampleState, isNews?: true]>([
    ['an image alone', usualState, { ...none, image }, 'nothing', waiting('mask')],
    ['a mask alone', usualState, { ...none, mask }, 'nothing', waiting('image')],
    ['it again', waiting('mask', true), { ...none, image }, 'nothing', waiting('mask', true)],
    ['the partner', waiting('mask', true), both, 'store new', usualState],
    ['a test image', usualState, { ...none, image, needsMask: false }, 'store new', usualState],
    ['both as stored', usualState, { ...both, stored }, 'nothing', usualState],
    [
      'both as before the start',
      unannouncedState,
      { ...both, stored },
      'announce',
      unannouncedState,
    ],
    [
      'another image',
      usualState,
      { ...both, stored: { ...stored, imageSha: 'x' } },
      'store changed',
      usualState,
    ],
    [
      'another mask',
      usualState,
      { ...both, stored: { ...stored, maskSha: 'x' } },
      'store mask-changed',
      usualState,
    ],
    [
      'other settings',
      usualState,
      { ...both, stored, preprocessing: 'q' },
      'store settings-changed',
      usualState,
    ],
    [
      'half of what was stored before the start',
      unannouncedState,
      { ...none, image, stored },
      'nothing',
      { ...unannouncedState, files: waiting('mask').files },
    ],
    [
      'a mask of another size',
      waiting('mask'),
      { ...both, mask: small },
      'nothing',
      mismatched,
      true,
    ],
    [
      'one in place of one that fitted',
      usualState,
      { ...both, mask: small, stored },
      'remove',
      mismatched,
      true,
    ],
    ['the same one again', mismatched, { ...both, mask: small }, 'nothing', mismatched],
    ['one that fits again', mismatched, both, 'store new', usualState],
    ['one that could be read at last', unread, { ...both, stored }, 'announce', unread],
  ])('%s', (_, before, there, action, after, isNews) => {
    const step = pair(before, there, false);
    expect(what(step.action)).toBe(action);
    expect(step.state).toEqual(after);
    expect(step.mismatch !== null).toBe(isNews === true);
  });
});

describe('what a loss means', () => {
  test.each<[string, SampleState, SampleFiles<PairFile>, string, SampleState]>([
    ['of the mask of a pair', usualState, { ...none, image, stored }, 'remove', waiting('mask')],
    ['of the image of a pair', usualState, { ...none, mask, stored }, 'remove', waiting('image')],
    ['of a half that waited', waiting('mask'), none, 'nothing', usualState],
    ['of one that did not fit', mismatched, { ...none, image }, 'nothing', waiting('mask')],
    ['of a test image', usualState, { ...none, needsMask: false, stored }, 'remove', usualState],
    ['of what was not there', usualState, none, 'nothing', usualState],
  ])('%s', (_, before, there, action, after) => {
    const step = pair(before, there, true);
    expect([what(step.action), step.state, step.mismatch]).toEqual([action, after, null]);
  });
});

test('a mismatch is said in words, of the mask', () => {
  expect(pair(usualState, { ...both, mask: small }, false).mismatch).toEqual({
    path: 'train/1_1_mask.tif',
    message: 'is 10x24, its image 20x24 (height x width)',
  });
});

test('each duplicate is told once, and anew when it was gone or has counted', () => {
  const paths = ['test/7.tif', 'test/7.png'];
  const first = leaveOutDuplicates(usualState, paths, 'test/7.tif');
  expect(first.newlyLeftOut).toEqual(['test/7.png']);
  expect(leaveOutDuplicates(first.state, paths, 'test/7.tif').newlyLeftOut).toEqual([]);
  const gone = withoutDuplicate(first.state, 'test/7.png');
  expect(isUsual(gone)).toBe(true);
  expect(leaveOutDuplicates(gone, paths, 'test/7.tif').newlyLeftOut).toEqual(['test/7.png']);
  const counts = leaveOutDuplicates(first.state, ['test/7.png'], 'test/7.png');
  expect(counts).toEqual({ state: usualState, newlyLeftOut: [] });
});

test('only what is out of the ordinary has to be kept', () => {
  expect([usualState, waiting('mask'), mismatched, unannouncedState, unread].map(isUsual)).toEqual([
    ...[true, false, false, false, false],
  ]);
  expect(waitingReported(waiting('mask'))).toEqual(waiting('mask', true));
  expect(waitingReported(usualState)).toBe(usualState);
});

test('whatever happens, the last of each half decides what is stored', () => {
  const half = fc.option(fc.constantFrom('a', 'b'), { nil: null });
  const event = fc.record({
    half: fc.constantFrom('image' as const, 'mask' as const),
    content: half,
    isSmall: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event), (events) => {
      let state = usualState;
      let there = none;
      for (const { half, content, isSmall } of events) {
        const base = half === 'image' ? image : isSmall ? small : mask;
        there = { ...there, [half]: content && { ...base, sha256: content } };
        const step = pair(state, there, content === null);
        state = step.state;
        const { action } = step;
        if (action.do === 'remove') there = { ...there, stored: undefined };
        if (action.do === 'store') {
          const shas = { imageSha: action.image.sha256, maskSha: action.mask?.sha256 ?? null };
          there = { ...there, stored: { ...shas, preprocessing: 'p' } };
        }
        const [i, m] = [there.image, there.mask];
        const isPair = i !== null && m !== null && i.height === m.height;
        const wanted = isPair
          ? { imageSha: i.sha256, maskSha: m.sha256, preprocessing: 'p' }
          : undefined;
        expect(there.stored).toEqual(wanted);
        const isAlone = (i === null) !== (m === null);
        expect(state.files.are).toBe(
          isAlone ? 'waiting' : i === null || isPair ? 'fine' : 'mismatched',
        );
      }
    }),
  );
});
