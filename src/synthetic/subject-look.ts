import { randomFrom } from '../operators/seeded-random.js';

/** What the images of one made-up person have in common. Lengths are shares of height or width. */
export interface SubjectLook {
  /** Brightness of the whole image; 1 is usual. */
  readonly gain: number;
  /** How much of the echo is lost on the way to the bottom, as a power of e. */
  readonly attenuation: number;
  /** Share of the grey that is speckle, 0..1. */
  readonly grain: number;
  /** From the skin down; the last one goes on to the bottom. */
  readonly layers: readonly TissueLayer[];
  readonly nerve: NerveLook;
  /** How deep the bone lies, where it is in the image at all. */
  readonly bone: number | null;
}

export interface TissueLayer {
  /** Of its upper border. */
  readonly depth: number;
  /** Echo strength, 0 black .. 1 white. */
  readonly echo: number;
  /** Of the fascia on its upper border. */
  readonly fascia: number;
  /** Fibres seen from the side: thin streaks along the layer. */
  readonly streaks: number;
  /** How far its upper border bends up and down. */
  readonly bend: number;
  readonly phase: number;
}

export interface NerveLook {
  /** Where it usually lies. */
  readonly x: number;
  readonly y: number;
  /** Half its width and height. */
  readonly radiusX: number;
  readonly radiusY: number;
  /** Radians. */
  readonly tilt: number;
  readonly echo: number;
}

export function subjectLook(seed: number, subject: number): SubjectLook {
  const random = randomFrom(seed, 'subject-look', subject);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const layer = (depth: number, echo: number, fascia: number, streaks: number): TissueLayer => ({
    depth: depth + between(-0.02, 0.02),
    echo: echo * between(0.8, 1.2),
    fascia: fascia * between(0.7, 1.2),
    streaks,
    bend: between(0.005, 0.03),
    phase: between(0, 2 * Math.PI),
  });
  return {
    gain: between(0.85, 1.15),
    attenuation: between(0.5, 1.3),
    grain: between(0.55, 0.75),
    layers: [
      layer(-0.05, 0.42, 0, 0),
      layer(0.06, 0.26, 0.6, 30),
      layer(between(0.16, 0.24), 0.13, 0.8, 45),
      layer(between(0.36, 0.46), 0.19, 0.75, 35),
      layer(between(0.6, 0.7), 0.13, 0.6, 35),
    ],
    nerve: {
      x: between(0.35, 0.65),
      y: between(0.4, 0.58),
      radiusX: between(0.085, 0.12),
      radiusY: between(0.075, 0.11),
      tilt: between(-0.4, 0.4),
      echo: between(0.36, 0.52),
    },
    bone: random() < 0.5 ? between(0.8, 0.9) : null,
  };
}
