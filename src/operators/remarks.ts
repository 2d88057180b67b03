import type { Doubt } from '../labels/doubt.js';

/** What there is to say of how a file was read. */
export interface Remarks {
  /** What of its values was taken as black to white, where they are not of 8 bits. */
  readonly grey?: string;
  /** Of a mask that was taken and may not be what was meant. */
  readonly doubts?: readonly Doubt[];
}
