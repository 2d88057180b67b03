import type { LeftOut } from '../events.js';
import type { Failure } from '../operators/result.js';

const mostExamples = 5;

/** Gathers what an export leaves out, by its reason. */
export class LeftOutList {
  private readonly byReason = new Map<string, { count: number; examples: string[] }>();

  /** @param what an id or a path */
  add(what: string, { code, message }: Failure): void {
    const key = JSON.stringify([code, message]);
    const reason = this.byReason.get(key) ?? { count: 0, examples: [] };
    this.byReason.set(key, reason);
    reason.count++;
    if (reason.examples.length < mostExamples) reason.examples.push(what);
  }

  /** In the order in which they were met. */
  get all(): LeftOut[] {
    return [...this.byReason].map(([key, found]) => {
      const [code, reason] = JSON.parse(key) as [string, string];
      return { code, reason, ...found };
    });
  }
}

/** Of polygons, which have no holes. */
export const holesFilled: Failure = {
  code: 'HOLES_FILLED',
  message: 'holes of the mask, which polygons cannot have',
};
