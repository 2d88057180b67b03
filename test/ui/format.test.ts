import { describe, expect, it } from 'vitest';
import {
  baseName,
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatLearningRate,
  formatMetric,
  formatRate,
  plural,
  printable,
  relativeTo,
} from '../../src/ui/format.js';

describe('numbers and times as a person reads them', () => {
  it('groups counts', () => {
    expect(formatCount(5635)).toBe('5,635');
    expect(formatCount(Number.NaN)).toBe('·');
    expect([plural(1, 'file'), plural(12, 'file')]).toEqual(['1 file', '12 files']);
  });

  it('gives a rate as many digits as it deserves', () => {
    expect([0, 0.04, 9.64, 41.2, 1204.4, Number.NaN].map(formatRate)).toEqual([
      '0',
      '0.04',
      '9.6',
      '41',
      '1,204',
      '0',
    ]);
  });

  it('shows no figure where there is none', () => {
    expect(
      [null, undefined, Number.NaN, Number.POSITIVE_INFINITY].map((v) => formatMetric(v)),
    ).toEqual(['·', '·', '·', '·']);
    expect(formatMetric(-0.4123)).toBe('-0.412');
    expect([formatLearningRate(3e-4), formatLearningRate(0)]).toEqual(['3.0e-4', '·']);
  });

  it('names two units of a duration and one of an age', () => {
    expect([900, 59_600, 184_000, 7_500_000, 529_200_000].map(formatDuration)).toEqual([
      '1s',
      '1m 00s',
      '3m 04s',
      '2h 05m',
      '6d 3h',
    ]);
    expect([0, 5_000, 90_000, 7_500_000, 190_000_000].map(formatAgo)).toEqual([
      'just now',
      '5s ago',
      '1m ago',
      '2h ago',
      '2d ago',
    ]);
  });

  it('shortens bytes and paths', () => {
    expect([12, 1536, 330_000_000].map(formatBytes)).toEqual(['12 B', '1.5 kB', '330 MB']);
    expect(baseName('/data/store/submission.csv')).toBe('submission.csv');
    expect(baseName('raw\\test\\7.tif')).toBe('7.tif');
    expect(relativeTo('/data/raw', '/data/raw/test/7.tif')).toBe('test/7.tif');
    expect(relativeTo('/data/raw', '/data/rawer/7.tif')).toBe('/data/rawer/7.tif');
  });

  it('lets no control character of a file name through', () => {
    expect(printable('a\u001b[2Jb\nc\u202e.tif')).toBe('a?[2Jb?c?.tif');
    expect(printable('médical 超声.tif')).toBe('médical 超声.tif');
  });
});
