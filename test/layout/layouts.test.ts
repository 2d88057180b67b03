import { describe, expect, test } from 'vitest';
import { explain } from '../../src/layout/explain.js';
import { layoutOf } from '../../src/layout/layouts.js';

function layout(given: unknown) {
  const made = layoutOf(given);
  if (!made.ok) throw new Error(made.failure.message);
  return made.value;
}

function messageOf(given: unknown): string {
  const made = layoutOf(given);
  return made.ok ? 'taken' : made.failure.message;
}

function told(given: unknown, path: string): string {
  const role = layout(given).roleOf(path);
  switch (role.kind) {
    case 'image':
      return `${role.split} ${role.id} of ${role.subject}`;
    case 'mask':
      return `mask ${role.id}`;
    default:
      return role.kind;
  }
}

describe('kaggle', () => {
  test.each([
    ['train/7_12.tif', 'train 7_12 of 7'],
    ['train/007_012.tif', 'train 7_12 of 7'],
    ['train/7_12_mask.tif', 'mask 7_12'],
    ['test/0012.png', 'test 12 of 12'],
    ['train_masks.csv', 'labels'],
    ['train/image_1.tif', 'foreign'],
    ['Train/7_12.tif', 'foreign'],
    ['train/deep/7_12.tif', 'foreign'],
  ])('%s is %s', (path, expected) => expect(told('kaggle', path)).toBe(expected));
});

describe('folders', () => {
  test.each([
    ['images/001.png', 'either 001 of 001'],
    ['masks/001.tif', 'mask 001'],
    ['train/image/1.png', 'either train/1 of 1'],
    ['train/label/1.png', 'mask train/1'],
    ['Train/Images/a/001.png', 'either Train/a/001 of a'],
    ['Train/Labels/a/001.nii.gz', 'mask Train/a/001'],
    ['a/GT/001.jpg', 'mask a/001'],
    ['images/010_2HC.png', 'either 010_2HC of 010'],
    ['images/P12-3.dcm', 'either P12-3 of P12'],
    ['images/image_1.png', 'either image_1 of image_1'],
    ['masks/all.json', 'labels'],
    ['images/.hidden.png', 'foreign'],
    ['images/001.bmp', 'foreign'],
    ['images/001', 'either 001 of 001'],
    ['images/US.1.2.840', 'either US.1.2.840 of US.1.2.840'],
    ['images/LICENSE', 'foreign'],
    ['images/v1.2', 'foreign'],
  ])('%s is %s', (path, expected) => expect(told('folders', path)).toBe(expected));
});

describe('pairs', () => {
  test.each([
    ['image_1.tif', 'either image_1 of image_1'],
    ['image_1_mask.tif', 'mask image_1'],
    ['a/b/12_3.png', 'either a/b/12_3 of b'],
    ['a/b/12_3_SEG.png', 'mask a/b/12_3'],
    ['a/12_3-mask.png', 'mask a/12_3'],
    ['training_set/010_2HC_Annotation.png', 'mask training_set/010_2HC'],
    ['training_set/010_2HC.png', 'either training_set/010_2HC of 010'],
  ])('%s is %s', (path, expected) => expect(told('pairs', path)).toBe(expected));
});

describe('patterns', () => {
  const hc18 = {
    images: 'training_set/{subject:\\d+}_{frame:\\d*}HC.png',
    masks: 'training_set/{subject}_{frame}HC_Annotation.png',
    predict: 'test_set/{id}_HC.png',
  };

  test.each([
    ['training_set/000_HC.png', 'train 000 of 000'],
    ['training_set/000_HC_Annotation.png', 'mask 000'],
    ['training_set/010_2HC.png', 'train 010_2 of 010'],
    ['training_set/010_2HC_Annotation.png', 'mask 010_2'],
    ['test_set/003_HC.png', 'test 003 of 003'],
    ['training_set/x_HC.png', 'foreign'],
  ])('%s is %s', (path, expected) => expect(told(hc18, path)).toBe(expected));

  test('a mask names the same image whatever the order of its placeholders', () => {
    const swapped = { images: '{subject}/{frame}.png', masks: 'masks/{frame}_of_{subject}.png' };
    expect(told(swapped, 'p1/7.png')).toBe('either p1_7 of p1');
    expect(told(swapped, 'masks/7_of_p1.png')).toBe('mask p1_7');
  });

  test('what a mask has beside its image does not matter', () => {
    const observed = {
      images: 'i/{subject}_{n:\\d+}.png',
      masks: 'm/{subject}_{n}_{observer}.png',
    };
    expect(told(observed, 'm/p1_7_anna.png')).toBe('mask p1_7');
  });

  test('a placeholder that several images say differently fits the masks of each', () => {
    const two = { images: ['a/{id:\\d+}.png', 'b/{id:[x-z]+}.png'], masks: 'm/{id}.png' };
    expect(told(two, 'm/12.png')).toBe('mask 12');
    expect(told(two, 'm/xy.png')).toBe('mask xy');
    expect(told(two, 'm/a1.png')).toBe('foreign');
  });

  test('where nothing is named to predict, that is what has no mask', () => {
    const { predict, ...others } = hc18;
    expect(told(others, 'training_set/010_2HC.png')).toBe('either 010_2 of 010');
    expect(told({ images: 'i/{id}.png', predict }, 'i/7.png')).toBe('either 7 of 7');
  });

  test('other names are other images', () => {
    const given = { images: 'i/{name}.png', masks: 'm/{name}.png' };
    for (const name of ['a_b', 'a__b', '_a_b', 'a_b_']) {
      expect(told(given, `i/${name}.png`)).toBe(`either ${name} of ${name}`);
      expect(told(given, `m/${name}.png`)).toBe(`mask ${name}`);
    }
  });

  test.each([
    [{ images: 'a/{subject}_{n}.png', masks: 'm/{subject}.png' }, 'lacks {n}'],
    [{ images: 'a/{id}.png', masks: 'm/{subject}.png' }, 'lacks {id}'],
    [{ images: 'a/{id:(}.png' }, 'images'],
    [{ images: 'a/{id.png' }, 'brace'],
    [{ masks: 'm/{id}.png' }, 'it needs images or predict'],
    ['other', 'there is no layout "other"'],
  ])('%j is refused', (given, expected) => expect(messageOf(given)).toContain(expected));
});

test('by names alone, the mask of a frame is of the file that holds the frame', () => {
  const paths = ['7.dcm', '7#12_mask.png', '8.dcm', '9#1_mask.png'];
  const { pairs, predicted, masksWithoutImage } = explain(layout('pairs'), paths);
  expect(pairs.examples).toEqual(['7.dcm']);
  expect(predicted.examples).toEqual(['8.dcm']);
  expect(masksWithoutImage.examples).toEqual(['9#1_mask.png']);
});
