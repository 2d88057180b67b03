import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { killOverAndOver } from './kill-harness.js';

const kills = Number(process.env.KILLS ?? 100);
/** More on a busy machine: who is always killed while he starts shows little. */
const longestLifeMs = Number(process.env.LIFE_MS ?? 4000);
/** Share of the kills that are power cuts: what was not forced to the disk is lost. */
const powerCuts = Number(process.env.POWER_CUTS ?? 0);
const seed = Number(process.env.SEED ?? 1);

describe('the program, killed very often at random moments while its folder changes', () => {
  it(`holds after ${kills} kills what a fresh run holds`, async () => {
    const report = await killOverAndOver({
      folder: temporaryFolder(),
      kills,
      seed,
      longestLifeMs,
      epochs: 30,
      computeDeaths: 0.2,
      powerCuts,
    });
    const { killedAfter, computeDeaths, changes, trainings } = report;
    const told = { killedAfter, computeDeaths, powerCuts: report.powerCuts, changes, trainings };
    console.log(JSON.stringify({ kills, seed, ...told }, null, 2));
    expect(report.faults).toEqual([]);
    expect(report.leftovers).toEqual([]);
    expect(Object.keys(report.survivor.samples)).toEqual(report.expectedSamples);
    expect(report.survivor).toEqual(report.fresh);
    expect(trainings.resumed).toBeGreaterThan(0);
  }, 3_600_000);
});
