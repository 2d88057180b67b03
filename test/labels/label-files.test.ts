import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCoco } from '../../src/labels/coco.js';
import { countsOfText } from '../../src/labels/coco-runs.js';
import { labelsOfRows } from '../../src/labels/kaggle-csv.js';
import type { Label } from '../../src/labels/label.js';
import { parseLabelme } from '../../src/labels/labelme.js';
import { parseLabels } from '../../src/labels/parse-labels.js';
import type { ParsedLabels } from '../../src/labels/parsed-labels.js';
import { rasterise } from '../../src/labels/rasterise.js';
import type { GridSize } from '../../src/operators/image.js';
import { readSubmissionRows } from '../../src/operators/read-submission-rows.js';
import type { Result } from '../../src/operators/result.js';
import { sharedData } from '../support/shared-data.js';
import { maskAndSize } from './masks-of-labels.js';

function good<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`);
  return result.value;
}

function failureOf(result: Result<unknown>): string {
  return result.ok ? 'none' : `${result.failure.code}: ${result.failure.message}`;
}

function maskOf(label: Label, size: GridSize): number[] {
  return [...good(rasterise(label, size)).data];
}

function countsOf(mask: Uint8Array, { height, width }: GridSize): number[] {
  const counts = [0];
  let before = 0;
  for (let at = 0; at < mask.length; at++) {
    const value = mask[(at % height) * width + Math.floor(at / height)]!;
    if (value !== before) counts.push(0);
    before = value;
    counts[counts.length - 1]!++;
  }
  return counts;
}

/** COCO's way to write counts: differences to the one two before, in groups of five bits. */
function textOf(counts: readonly number[]): string {
  let text = '';
  for (const [nth, count] of counts.entries()) {
    let left = nth > 2 ? count - counts[nth - 2]! : count;
    let goesOn = true;
    while (goesOn) {
      const bits = left & 31;
      left >>= 5;
      goesOn = (bits & 16) !== 0 ? left !== -1 : left !== 0;
      text += String.fromCharCode(48 + bits + (goesOn ? 32 : 0));
    }
  }
  return text;
}

describe('COCO', () => {
  const coco = {
    info: { year: 2020 },
    images: [
      { id: 1, file_name: 'a/one.png', height: 6, width: 9, license: 3 },
      { id: 2, file_name: 'two.png' },
      { id: 3, file_name: 'none.png', height: 6, width: 9 },
    ],
    annotations: [
      { id: 1, image_id: 1, category_id: 7, segmentation: [[1, 1, 4, 1, 4, 3, 1, 3]], iscrowd: 0 },
      { id: 2, image_id: 1, category_id: 8, segmentation: { counts: [48, 6], size: [6, 9] } },
      {
        id: 3,
        image_id: 2,
        category_id: 7,
        segmentation: { counts: textOf([2, 3, 49]), size: [6, 9] },
      },
      { id: 4, image_id: 2, category_id: 7, bbox: [0, 0, 3, 3] },
    ],
    categories: [
      { id: 7, name: 'nerve' },
      { id: 8, name: 'artery' },
    ],
  };
  const size = { height: 6, width: 9 };
  const text = JSON.stringify(coco);
  const isBox = (y: number, x: number) => y >= 1 && y < 3 && x >= 1 && x < 4;
  const pixels = (isIn: (y: number, x: number) => boolean) =>
    Array.from({ length: 54 }, (_, at) => +isIn(Math.floor(at / 9), at % 9));
  const masks = (parsed: ParsedLabels) => parsed.labels.map((label) => maskOf(label, size));

  test('polygons and both kinds of runs, one label an image, also of images that show nothing', () => {
    const parsed = good(parseCoco(text));
    expect(parsed.labels.map((label) => [label.image, label.size])).toEqual([
      ['a/one.png', size],
      ['two.png', null],
      ['none.png', size],
    ]);
    expect(masks(parsed)).toEqual([
      pixels((y, x) => isBox(y, x) || x === 8),
      pixels((y, x) => x === 0 && y >= 2 && y < 5),
      pixels(() => false),
    ]);
    expect(parsed.leftOut).toEqual(['annotation 4: no segmentation']);
  });

  test('one category, by its number or its name', () => {
    for (const wanted of [7, '7', 'nerve']) {
      expect(masks(good(parseCoco(text, wanted)))[0]).toEqual(pixels(isBox));
    }
    expect(masks(good(parseCoco(text, 'vein')))[0]).toEqual(pixels(() => false));
  });

  test('whatever mask is written as runs comes out as it was', () => {
    fc.assert(
      fc.property(maskAndSize, ({ mask, size: grid }) => {
        const counts = countsOf(mask, grid);
        expect(countsOfText(textOf(counts))).toEqual(counts);
        for (const written of [counts, textOf(counts)]) {
          const segmentation = { counts: written, size: [grid.height, grid.width] };
          const file = {
            images: [{ id: 'x', file_name: 'x' }],
            annotations: [{ image_id: 'x', segmentation }],
          };
          const [label] = good(parseCoco(JSON.stringify(file))).labels;
          expect(maskOf(label!, grid)).toEqual([...mask]);
        }
      }),
    );
  });

  test('large counts too', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 28 })), (counts) => {
        expect(countsOfText(textOf(counts))).toEqual(counts);
      }),
    );
  });

  test('what is not as it should be is a failure that says where', () => {
    const withSegmentation = (segmentation: unknown) =>
      failureOf(
        parseCoco(JSON.stringify({ ...coco, annotations: [{ image_id: 1, segmentation }] })),
      );
    expect(withSegmentation([[1, 2, 3, 4]])).toMatch(
      /^BAD_LABEL: annotation 1: 4 numbers are no poly/,
    );
    expect(withSegmentation({ counts: [5], size: [6, 9] })).toBe(
      'BAD_LABEL: annotation 1: its runs are 5 pixels, not 6x9',
    );
    for (const counts of ['~', 'o', '0\n']) {
      expect(withSegmentation({ counts, size: [6, 9] })).toMatch(/^BAD_LABEL/);
    }
    expect(failureOf(parseCoco('{"images": [')).slice(0, 9)).toBe('NOT_JSON:');
    expect(failureOf(parseCoco('{"images": []}'))).toMatch(/^NOT_A_LABEL_FILE: annotations: /);
    const stray = {
      images: [],
      annotations: [{ image_id: 5, segmentation: [[0, 0, 1, 0, 1, 1]] }],
    };
    expect(good(parseCoco(JSON.stringify(stray))).leftOut).toEqual([
      'annotation 1: no image has the id 5',
    ]);
  });
});

describe('labelme', () => {
  const size = { height: 40, width: 50 };
  const file = (shapes: unknown[]) =>
    JSON.stringify({
      version: '5.0',
      imageData: null,
      imagePath: '..\\images\\one.png',
      imageHeight: 40,
      imageWidth: 50,
      shapes,
    });
  const polygon = {
    label: 'nerve',
    shape_type: 'polygon',
    group_id: null,
    points: [
      [0, 0],
      [10, 0],
      [10, 4],
      [0, 4],
    ],
  };
  const rectangle = {
    label: 'vein',
    shape_type: 'rectangle',
    points: [
      [30, 20],
      [20, 10],
    ],
  };
  const circle = {
    label: '3',
    shape_type: 'circle',
    points: [
      [25, 20],
      [25, 30],
    ],
  };
  const areaOf = (text: string, wanted: number | string | null = null) => {
    const [label] = good(parseLabelme(text, wanted)).labels;
    return maskOf(label!, size).reduce((sum, value) => sum + value, 0);
  };

  test('polygons, rectangles and circles', () => {
    const { labels, leftOut } = good(parseLabelme(file([polygon])));
    expect(labels).toMatchObject([{ image: '../images/one.png', size }]);
    expect(leftOut).toEqual([]);
    expect(areaOf(file([polygon]))).toBe(40);
    expect(areaOf(file([rectangle]))).toBe(100);
    expect(Math.abs(areaOf(file([circle])) - Math.PI * 100)).toBeLessThan(5);
    expect(areaOf(file([polygon, rectangle]))).toBe(140);
    expect(areaOf(file([]))).toBe(0);
  });

  test('one label, by its name or number', () => {
    expect(areaOf(file([polygon, rectangle, circle]), 'nerve')).toBe(40);
    expect(areaOf(file([polygon, circle]), 3)).toBe(areaOf(file([circle])));
  });

  test('lines are left out and told; too few points are a failure', () => {
    const line = {
      label: 'nerve',
      shape_type: 'linestrip',
      points: [
        [0, 0],
        [5, 5],
      ],
    };
    expect(good(parseLabelme(file([line, polygon]))).leftOut).toEqual([
      'shape 1 (linestrip): neither polygon, rectangle nor circle',
    ]);
    const flat = {
      ...polygon,
      points: [
        [0, 0],
        [5, 5],
      ],
    };
    expect(failureOf(parseLabelme(file([flat])))).toBe(
      'BAD_LABEL: shape 1 (polygon): 2 points are not it',
    );
    expect(failureOf(parseLabelme('[]'))).toMatch(/^NOT_A_LABEL_FILE/);
  });
});

describe("Kaggle's train_masks.csv", () => {
  test('rows become labels named as the images are', () => {
    const csv = 'subject,img,pixels\n1,1,1 3 7 2\n1,2,\n';
    const labels = good(labelsOfRows(readSubmissionRows(csv).rows.values()));
    expect(labels.map(({ image }) => image)).toEqual(['1_1', '1_2']);
    const size = { height: 4, width: 3 };
    expect(maskOf(labels[0]!, size)).toEqual([1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]);
    expect(maskOf(labels[1]!, size)).not.toContain(1);
  });

  test('what are no pairs is a failure with its line', () => {
    for (const rle of ['1', '1 2 3', '0 5', '1 x', '1.5 2']) {
      expect(failureOf(labelsOfRows([{ id: '1_1', rle, line: 5 }]))).toBe(
        'BAD_LABEL: line 5: its pixels are not pairs of start and length',
      );
    }
  });

  const odd = resolve(sharedData('odd'), 'train_masks.csv');
  test('a real one', ({ skip }) => {
    let csv: string;
    try {
      csv = readFileSync(odd, 'utf8');
    } catch {
      return skip();
    }
    const labels = good(labelsOfRows(readSubmissionRows(csv).rows.values()));
    expect(labels.map((label) => label.shapes.length)).toEqual([1, 1, 0, 1, 1]);
    const mask = maskOf(labels[0]!, { height: 420, width: 580 });
    expect(mask.reduce((sum, value) => sum + value, 0)).toBe(24);
  });
});

describe('a file of labels is told by what is in it', () => {
  const ring = [0, 0, 4, 0, 4, 4];
  const points = [
    [0, 0],
    [4, 0],
    [4, 4],
  ];
  const files = {
    coco: JSON.stringify({
      images: [{ id: 1, file_name: 'one.png' }],
      annotations: [{ image_id: 1, category_id: 2, segmentation: [ring] }],
    }),
    labelme: JSON.stringify({ imagePath: 'one.png', shapes: [{ label: '2', points }] }),
    csv: 'subject,img,pixels\n1,1,1 4\n',
  };

  test.each(Object.entries(files))('%s', (_, text) => {
    for (const written of [text, `\uFEFF${text}`]) {
      expect(good(parseLabels(written)).labels.map((label) => label.shapes.length)).toEqual([1]);
    }
  });

  test('one label of JSON', () => {
    expect(good(parseLabels(files.coco, 3)).labels).toMatchObject([{ shapes: [] }]);
    expect(good(parseLabels(files.labelme, 2)).labels).toMatchObject([{ shapes: [{}] }]);
  });

  test('what is none of them is a failure that says why', () => {
    expect(failureOf(parseLabels('{"a": 1}'))).toMatch(
      /^NOT_A_LABEL_FILE: neither COCO \(images: /,
    );
    expect(failureOf(parseLabels('{"images": ['))).toMatch(/^NOT_JSON/);
    expect(failureOf(parseLabels(''))).toBe('NOT_A_LABEL_FILE: it has no row of run lengths');
    expect(failureOf(parseLabels('subject,img,pixels\n1,1,1\n'))).toMatch(/^BAD_LABEL: line 2: /);
    expect(failureOf(parseLabels('a,b\nc,d\n'))).toMatch(/^(BAD_LABEL|NOT_A_LABEL_FILE)/);
  });
});
