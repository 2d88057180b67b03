import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PanelId, panelIds } from '../../../src/ui/layout/panel-ids.js';
import { layout } from '../../../src/ui/layout/panel-layout.js';
import type { Rect } from '../../../src/ui/layout/rect.js';

const all = new Set(panelIds);

function rectsOf(columns: number, rows: number, wanted: ReadonlySet<PanelId> = all): Rect[] {
  const place = layout(columns, rows, wanted);
  return place.kind === 'too-small'
    ? []
    : [place.header, place.footer, ...place.panels.map(({ rect }) => rect)];
}

const idsOf = (columns: number, rows: number, wanted: ReadonlySet<PanelId> = all): PanelId[] => {
  const place = layout(columns, rows, wanted);
  return place.kind === 'too-small' ? [] : place.panels.map(({ id }) => id);
};

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('where the panels lie', () => {
  it('nothing overlaps, nothing exceeds the terminal, and its last row stays free', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 120 }),
        fc.subarray([...panelIds]),
        (columns, rows, wanted) => {
          const rects = rectsOf(columns, rows, new Set(wanted));
          for (const rect of rects) {
            expect(rect.width).toBeGreaterThan(0);
            expect(rect.height).toBeGreaterThan(0);
            expect(rect.x).toBeGreaterThanOrEqual(0);
            expect(rect.y).toBeGreaterThanOrEqual(0);
            expect(rect.x + rect.width).toBeLessThanOrEqual(columns);
            expect(rect.y + rect.height).toBeLessThanOrEqual(rows - 1);
          }
          for (const [index, rect] of rects.entries()) {
            for (const other of rects.slice(index + 1)) expect(overlap(rect, other)).toBe(false);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('no panel that is wanted is placed twice, none that is not is placed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 300 }),
        fc.integer({ min: 12, max: 100 }),
        fc.subarray([...panelIds]),
        (columns, rows, wanted) => {
          const ids = idsOf(columns, rows, new Set(wanted));
          expect(new Set(ids).size).toBe(ids.length);
          for (const id of ids) expect(wanted).toContain(id);
        },
      ),
    );
  });

  it('panels drop by what matters least', () => {
    expect(idsOf(40, 12)).toEqual(['pipeline', 'training', 'predictions']);
    const small = panelIds.filter((id) => id !== 'picture' && id !== 'system');
    expect(idsOf(60, 20)).toEqual(small);
    expect(new Set(idsOf(80, 24))).toEqual(new Set([...small, 'picture']));
    for (const [columns, rows] of [
      [80, 50],
      [120, 40],
      [240, 70],
    ] as const) {
      expect(new Set(idsOf(columns, rows))).toEqual(all);
    }
  });

  it('a panel alone has the screen', () => {
    for (const id of panelIds) {
      const place = layout(80, 24, new Set([id]));
      expect(place.kind === 'panels' && place.panels[0]!.rect.height).toBe(20);
    }
  });

  it('a picture stands beside the figures where one column has no room for it', () => {
    const place = layout(80, 24, all);
    if (place.kind !== 'panels') throw new Error('80 x 24 is not small');
    const at = (id: PanelId): Rect => place.panels.find((panel) => panel.id === id)!.rect;
    expect(at('pipeline').width).toBe(78);
    expect(at('picture')).toMatchObject({ width: 26, height: 14 });
    expect(at('picture').x).toBeGreaterThan(at('training').x + at('training').width);
    expect(at('training')).toMatchObject({ width: 50, height: 8 });
    // Without it the others have the whole width.
    const without = layout(80, 24, new Set(panelIds.filter((id) => id !== 'picture')));
    expect(without.kind === 'panels' && without.panels.every(({ rect }) => rect.width === 78)).toBe(
      true,
    );
  });

  it('wide terminals put panels side by side', () => {
    const place = layout(120, 40, all);
    if (place.kind !== 'panels') throw new Error('120 x 40 is not small');
    const at = (id: PanelId): Rect => place.panels.find((panel) => panel.id === id)!.rect;
    for (const id of ['picture', 'predictions', 'system', 'failures'] as const) {
      expect(at(id).x).toBeGreaterThan(at('log').x + at('log').width);
    }
    expect(at('training').width).toBe(80);
  });

  it('below the least size there is none', () => {
    expect(layout(39, 40, all).kind).toBe('too-small');
    expect(layout(120, 11, all).kind).toBe('too-small');
  });
});
