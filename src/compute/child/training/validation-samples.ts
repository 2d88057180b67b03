import type { GridSize } from '../../../operators/image.js';
import { encodePicture } from '../../../operators/preview-picture.js';
import type { ValidationSample } from '../../compute.js';

/** The same images at each epoch show how the network learns; the worst show what it cannot. */
const standing = 4;
const worst = 4;

/** Picks the few validation images that a person gets to see. */
export class ValidationSamples {
  private readonly standing: ReadonlySet<number>;
  private readonly kept: ValidationSample[] = [];
  private worst: ValidationSample[] = [];
  private next = 0;

  constructor(
    private readonly size: GridSize,
    count: number,
  ) {
    const places = Math.min(standing, count);
    this.standing = new Set(
      Array.from({ length: places }, (_, place) => Math.floor(((place + 0.5) * count) / places)),
    );
  }

  add(image: Uint8Array, truth: Uint8Array, mask: Uint8Array, imageDice: number): void {
    const index = this.next++;
    const isStanding = this.standing.has(index);
    const isBad = this.worst.length < worst || imageDice < this.worst[0]!.imageDice;
    if (!isStanding && !isBad) return;
    const picture = encodePicture(this.size, image, mask, truth);
    const sample = { index, imageDice, picture };
    if (isStanding) {
      this.kept.push(sample);
      return;
    }
    this.worst.push(sample);
    // The best of the worst first: it is the one to go.
    this.worst.sort((a, b) => b.imageDice - a.imageDice);
    if (this.worst.length > worst) this.worst = this.worst.slice(1);
  }

  /** The worst first, then those that every epoch shows. */
  taken(): ValidationSample[] {
    return [...this.worst.toReversed(), ...this.kept];
  }
}
