import { describe, expect, test } from 'vitest';
import { compareDuplicatePaths, parseImageName } from '../../src/operators/image-name.js';

describe('parseImageName', () => {
  test.each([
    ['train/1_2.tif', { kind: 'train-image', subject: 1, index: 2, id: '1_2' }],
    ['train/47_120_mask.tif', { kind: 'train-mask', subject: 47, index: 120, id: '47_120' }],
    ['test/5508.tif', { kind: 'test-image', number: 5508, id: '5508' }],
    ['test/1.TIFF', { kind: 'test-image', number: 1, id: '1' }],
    ['test/1.png', { kind: 'test-image', number: 1, id: '1' }],
    ['test/1.jpg', { kind: 'test-image', number: 1, id: '1' }],
    ['test/1.JPEG', { kind: 'test-image', number: 1, id: '1' }],
    ['test/0.tif', { kind: 'test-image', number: 0, id: '0' }],
    ['train/3_4_MASK.Png', { kind: 'train-mask', subject: 3, index: 4, id: '3_4' }],
    ['train/007_01.tif', { kind: 'train-image', subject: 7, index: 1, id: '7_1' }],
  ])('%s', (path, name) => {
    expect(parseImageName(path)).toEqual(name);
  });

  test.each([
    '',
    'train',
    '1_1.tif',
    'other/1_1.tif',
    'Train/1_1.tif',
    'train/deeper/1_1.tif',
    './train/1_1.tif',
    '/train/1_1.tif',
    'train/1.tif',
    'train/1_1_1.tif',
    'train/1_1-mask.tif',
    'train/a_1.tif',
    'train/-1_1.tif',
    'train/1_1.5.tif',
    'train/1_1.bmp',
    'train/1_1_mask',
    'train/1_1.tif.part',
    'train/1_1.tif.tmp',
    'train/1_1.tif~',
    'train/.1_1.tif',
    'train/._1_1.tif',
    'train/1_1.tif.123456',
    'train/1_1 .tif',
    'train/1_1.tif\n',
    'test/1_1.tif',
    'test/1_mask.tif',
    'test/1e3.tif',
    'test/٣.tif',
    'test/1234567890123456.tif',
    'test/.DS_Store',
    'test/Thumbs.db',
    'test\\5.tif',
    'train\\1_1.tif',
    'train/..\\test\\5.tif',
    'README.md',
  ])('%j is foreign', (path) => {
    expect(parseImageName(path)).toEqual({ kind: 'foreign' });
  });
});

test('of several files for one item, the same is used whatever the order', () => {
  const rivals = ['test/1.tif', 'test/1.tiff', 'test/1.png', 'test/1.JPG', 'test/01.tif'];
  for (let turn = 0; turn < rivals.length; turn++) {
    const found = [...rivals.slice(turn), ...rivals.slice(0, turn)];
    expect(found.sort(compareDuplicatePaths)).toEqual(rivals);
  }
  expect(compareDuplicatePaths('test/1.tif', 'test/1.TIF')).toBeGreaterThan(0);
  expect(compareDuplicatePaths('test/1.tif', 'test/1.tif')).toBe(0);
});
