/**
 * How far the intake is with what has come:
 *
 *     scanning ──all in the catalog──> closing ──samples without files are gone──> idle <──> working
 */
export type Burst =
  /** The files that were there at the start. */
  | 'scanning'
  /** They are through; what the catalog holds beyond them is being removed. */
  | 'closing'
  | 'idle'
  | 'working';

/** @param inFlight how much all stages have in hand, the scan and the removal among it */
export function nextBurst(burst: Burst, inFlight: number): Burst {
  switch (burst) {
    case 'scanning':
      return inFlight === 0 ? 'closing' : 'scanning';
    case 'closing':
    case 'working':
      return inFlight === 0 ? 'idle' : burst;
    case 'idle':
      return inFlight === 0 ? 'idle' : 'working';
  }
}
