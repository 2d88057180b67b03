import { expect, test } from 'vitest';
import {
  dataFingerprint,
  postProcessingKey,
  predictionFingerprint,
  sampleFingerprint,
  sha256,
} from '../../src/operators/fingerprint.js';
import { thresholdOnly } from '../../src/operators/post-processing.js';

test('sha256 is the standard one', () => {
  expect(sha256(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(sha256('abc')).toBe(sha256(new TextEncoder().encode('abc')));
});

test('every part of a sample counts', () => {
  const preprocessing = { size: { height: 64, width: 80 }, reading: '', version: 1 };
  const sample = { image: 'i', mask: 'm', preprocessing };
  const other = (changed: Partial<typeof preprocessing>) =>
    sampleFingerprint({ ...sample, preprocessing: { ...preprocessing, ...changed } });
  const all = [
    sampleFingerprint(sample),
    sampleFingerprint({ ...sample, image: 'j' }),
    sampleFingerprint({ ...sample, mask: 'n' }),
    sampleFingerprint({ ...sample, mask: null }),
    sampleFingerprint({ ...sample, mask: 'null' }),
    other({ size: { height: 80, width: 64 } }),
    other({ version: 2 }),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(sampleFingerprint({ ...sample })).toBe(all[0]);
  expect(all[0]).toMatch(/^[0-9a-f]{64}$/);
});

test('every part of a prediction counts', () => {
  const postProcessing = { ...thresholdOnly(0.5), version: 1 };
  const prediction = { sample: 's', modelId: 'm', postProcessing };
  const other = (changed: Partial<typeof postProcessing>) =>
    predictionFingerprint({ ...prediction, postProcessing: { ...postProcessing, ...changed } });
  const all = [
    predictionFingerprint(prediction),
    predictionFingerprint({ ...prediction, sample: 't' }),
    predictionFingerprint({ ...prediction, modelId: 'n' }),
    other({ threshold: 0.4 }),
    other({ presenceThreshold: 0.4 }),
    other({ leastArea: 0.01 }),
    other({ fillHoles: true }),
    other({ largestComponents: 1 }),
    other({ version: 2 }),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test('names of settings are those that stores of earlier versions hold', () => {
  const tuned = {
    threshold: 0.4,
    presenceThreshold: 0.5,
    leastArea: 0.01,
    fillHoles: true,
    largestComponents: 1,
    version: 1,
  };
  expect(postProcessingKey({ ...thresholdOnly(0.5), version: 1 })).toBe('threshold 0.5:v1');
  expect(postProcessingKey(tuned)).toBe(
    'threshold 0.4, evidence 0.5, holes filled, largest 1, area 0.01:v1',
  );
  expect(predictionFingerprint({ sample: 's', modelId: 'm', postProcessing: tuned })).toBe(
    '5c83298cef80b504718dfc07fc4b27ef72a3f08f590bd25ed0d87212632db8ff',
  );
});

test('a data set counts its samples, not their order', () => {
  const a = { id: '1_1', fingerprint: 'x' };
  const b = { id: '1_2', fingerprint: 'y' };
  expect(dataFingerprint([a, b])).toBe(dataFingerprint([b, a]));
  expect(dataFingerprint([a, b])).not.toBe(dataFingerprint([a]));
  expect(dataFingerprint([a, b])).not.toBe(dataFingerprint([{ ...a, id: '2_1' }, b]));
  expect(dataFingerprint([a, b])).not.toBe(dataFingerprint([a, { ...b, fingerprint: 'z' }]));
  expect(dataFingerprint([a, a])).not.toBe(dataFingerprint([]));
});
