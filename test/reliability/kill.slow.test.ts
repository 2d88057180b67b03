import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../end-to-end/folders.js';
import { killOverAndOver } from './kill-harness.js';

const kills = Number(process.env.KILLS ?? 100);
const seed = Number(process.env.SEED ?? 1);

describe('the program, killed very often at random moments while its folder changes', () => {
  it(`holds after ${kills} kills what a fresh run holds`, async () => {
    const report = await killOverAndOver({
      folder: temporaryFolder(),
      kills,
      seed,
      longestLifeMs: 4000,
      epochs: 30,
      computeDeaths: 0.2,
    });
    const { killedAfter, computeDeaths, changes, trainings } = report;
    console.log(
      JSON.stringify({ kills, seed, killedAfter, computeDeaths, changes, trainings }, null, 2),
    );
    expect(report.faults).toEqual([]);
    expect(report.leftovers).toEqual([]);
    expect(Object.keys(report.survivor.samples)).toEqual(report.expectedSamples);
    expect(report.survivor).toEqual(report.fresh);
    expect(trainings.resumed).toBeGreaterThan(0);
  }, 3_600_000);
});
