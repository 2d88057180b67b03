import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PipelineEvent } from '../../../src/events.js';
import { initialChoices } from '../../../src/ui/keyboard/choices.js';
import { composeFrame, type Frame } from '../../../src/ui/layout/compose-frame.js';
import type { Rect } from '../../../src/ui/layout/rect.js';
import { displayWidth } from '../../../src/ui/layout/text-width.js';
import type { PictureMode } from '../../../src/ui/pictures/picture-protocol.js';
import { activityOf } from '../../../src/ui/state/activity.js';
import { foldEvent, initialState } from '../../../src/ui/state/dashboard-state.js';
import { themeFor } from '../../../src/ui/terminal/theme.js';
import * as sample from '../../support/events.js';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const count = fc.nat({ max: 10_000_000 });
const figure = fc.oneof(fc.double(), fc.constant(Number.NaN), fc.double({ min: -1, max: 2 }));

/** Whatever the pipeline may send, sensible or not. */
const anyEvent: fc.Arbitrary<PipelineEvent> = fc.oneof(
  text.map((device) => sample.ready({ device })),
  text.map((reason) => sample.ready({ skipped: [{ backend: 'onednn', reason }] })),
  fc.tuple(text, text, text).map(([path, code, message]) => sample.failed({ path, code, message })),
  fc
    .tuple(count, count, count)
    .map(([queued, inFlight, waiting]) =>
      sample.stages(
        { ingest: { queued, inFlight }, pair: { waiting }, predict: { queued } },
        waiting,
      ),
    ),
  text.map((id) => sample.ingested(id)),
  text.map((id) => sample.predicted(id)),
  text.map((recipe) => sample.trainStarted({ recipe })),
  fc
    .tuple(count, count, figure, figure)
    .map(([epoch, step, loss, batchDice]) =>
      sample.step(epoch, step, { loss, batchDice, learningRate: loss, imagesPerSecond: batchDice }),
    ),
  fc
    .tuple(count, figure, figure)
    .map(([epoch, loss, best]) => sample.epoch(epoch, { loss, best, validationDice: null })),
  fc.constant(sample.trainDone()),
  text.map((id) => sample.preview(id)),
  fc
    .tuple(text, fc.boolean())
    .map(([id, found]) => sample.preview(id, { split: 'train', found, imageDice: Number.NaN })),
  fc
    .tuple(count, fc.option(figure))
    .map(([tensors, diskFree]) => sample.system(tensors, { diskFree })),
  figure.map((validationEmptyShare) => sample.epoch(2, { validationEmptyShare })),
  fc.tuple(count, count).map(([rows, nonEmpty]) => sample.written(rows, nonEmpty)),
  count.map((pending) => sample.caughtUp({ pending })),
  fc.tuple(text, count, fc.option(figure), fc.boolean()).map(
    ([recipe, pairs, imageDice, isInterim]): PipelineEvent => ({
      type: 'model.serving',
      modelId: recipe,
      recipe,
      pairs,
      imageDice,
      trainedAt: '2026-03-01T12:00:00.000Z',
      isInterim,
    }),
  ),
  text.map(
    (message): PipelineEvent => ({ type: 'train.failed', code: 'LOSS_NOT_FINITE', message }),
  ),
  text.map(
    (message): PipelineEvent => ({ type: 'compute', state: 'failed', backend: null, message }),
  ),
);

const pictureModes: readonly PictureMode[] = [
  { kind: 'blocks' },
  { kind: 'images', protocol: 'kitty', cell: { width: 8, height: 17 } },
];

/** Under an image and to the right of it nothing is written: it would be erased with it. */
function expectBlank({ blocks }: Frame, image: Rect): void {
  for (const { rect, lines } of blocks) {
    for (const [row, line] of lines.entries()) {
      const y = rect.y + row;
      if (y < image.y || y >= image.y + image.height) continue;
      const width = displayWidth(stripVTControlCharacters(line).trimEnd());
      expect(width === 0 || rect.x + width <= image.x).toBe(true);
    }
  }
}

describe('a frame', () => {
  it('keeps to its rectangles whatever happened, at any size', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 25 }),
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 1, max: 80 }),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(...pictureModes),
        (events, columns, rows, help, truecolor, pictures) => {
          let now = 1_700_000_000_000;
          let state = initialState(now);
          for (const event of events) {
            now += 321;
            state = foldEvent(state, event, now);
          }
          const frame = composeFrame(
            {
              state,
              choices: { ...initialChoices, help },
              activity: activityOf(state, false, now),
              nowMs: now,
              theme: themeFor({ TERM: 'xterm', COLORTERM: truecolor ? 'truecolor' : '' }),
              pictures,
            },
            columns,
            rows,
          );
          expect(frame.height).toBe(Math.max(1, rows - 1));
          for (const { rect, lines } of [...frame.blocks, ...frame.overlays]) {
            expect(lines.length).toBe(rect.height);
            expect(rect.y + rect.height).toBeLessThanOrEqual(frame.height);
            for (const line of lines) {
              const shown = stripVTControlCharacters(line);
              expect(displayWidth(shown)).toBeLessThanOrEqual(rect.width);
              expect(shown).not.toMatch(/[\p{Cc}]/u);
            }
          }
          for (const { rect } of frame.images) {
            expect(rect.x + rect.width).toBeLessThanOrEqual(columns);
            expect(rect.y + rect.height).toBeLessThanOrEqual(frame.height);
            expectBlank(frame, rect);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
