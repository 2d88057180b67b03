import {
  cpSync,
  existsSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SeededChoice } from './seeded-choice.js';

const rowFiles = ['submission.csv', 'measurements.csv'];

/**
 * A store as it was on the disk at some moment: what a power cut may bring back. Only what is not
 * forced to the disk is kept: masks, submission.csv and measurements.csv.
 */
export class OnDisk {
  constructor(
    private readonly store: string,
    private readonly copy: string,
  ) {
    rmSync(copy, { recursive: true, force: true });
    for (const name of ['masks', ...rowFiles]) {
      if (existsSync(join(store, name))) {
        cpSync(join(store, name), join(copy, name), { recursive: true });
      }
    }
  }

  /**
   * What a power cut may leave of a killed process's writes. Model folders, checkpoints, pointers
   * and LevelDB's tables are forced to the disk before anything counts on them. LevelDB's log is
   * not: it may end anywhere. A mask may be what it was, empty or gone; a file of rows what it was.
   */
  cutPower(choice: SeededChoice): void {
    const store = this.store;
    if (!existsSync(join(store, 'cache'))) return;
    for (const name of readdirSync(join(store, 'cache')).filter((name) => name.endsWith('.log'))) {
      const path = join(store, 'cache', name);
      if (choice.happens(0.7)) truncateSync(path, choice.below(statSync(path).size + 1));
    }
    for (const name of readdirSync(join(store, 'masks'))) {
      const before = join(this.copy, 'masks', name);
      const path = join(store, 'masks', name);
      const fate = choice.below(4);
      if (fate === 0) truncateSync(path, 0);
      else if (fate === 1) rmSync(path);
      else if (fate === 2 && existsSync(before)) cpSync(before, path);
    }
    for (const name of rowFiles) {
      const before = join(this.copy, name);
      if (choice.happens(0.5) && existsSync(before)) cpSync(before, join(store, name));
    }
    // The machine starts anew after the process did.
    const left = { pid: 1, command: 'watch', since: '2001-01-01T00:00:00.000Z' };
    writeFileSync(join(store, 'holder.json'), JSON.stringify(left));
  }
}
