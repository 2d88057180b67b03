// @module-tag long
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { killOverAndOver } from './kill-harness.js';

describe('the program, killed at random moments while its folder changes', () => {
  it('holds in the end what a fresh run holds', async () => {
    const report = await killOverAndOver({
      folder: temporaryFolder(),
      kills: 6,
      seed: 11,
      longestLifeMs: 2000,
      epochs: 15,
      computeDeaths: 0.2,
    });
    expect(report.faults).toEqual([]);
    expect(report.leftovers).toEqual([]);
    expect(Object.keys(report.survivor.samples)).toEqual(report.expectedSamples);
    expect(report.survivor).toEqual(report.fresh);
  }, 90_000);
});
