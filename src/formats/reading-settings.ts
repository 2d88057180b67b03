import type { GreyWindow, PixelSpacing } from './frames.js';

/** How files are read: what decides pixels apart from a file's bytes and the network's size. */
export interface ReadingSettings {
  /** Which frames of a file are samples: `every` third is frames 1, 4, 7. */
  readonly frames: 'all' | 'first' | { readonly every: number };
  /** Bits of grey values; `auto` finds out. */
  readonly depth: 'auto' | number;
  readonly window: GreyWindow | null;
  /** The one label that is foreground; null for every one but 0. */
  readonly label: string | null;
  readonly maskPolarity: 'auto' | 'white' | 'black';
  readonly maskKind: 'filled' | 'outline';
  /** `region` cuts to the part of an ultrasound screen that shows tissue. */
  readonly crop: 'none' | 'region';
  /** Counts over what files say; decides no pixel. */
  readonly spacing: PixelSpacing | null;
}

export const usualReading: ReadingSettings = {
  frames: 'all',
  depth: 'auto',
  window: null,
  label: null,
  maskPolarity: 'auto',
  maskKind: 'filled',
  crop: 'none',
  spacing: null,
};

/** Of all settings, those about reading; others, such as a layout, cannot go to another thread. */
export function readingOf(settings: Partial<ReadingSettings>): Partial<ReadingSettings> {
  const names = Object.keys(usualReading) as (keyof ReadingSettings)[];
  return Object.fromEntries(names.map((name) => [name, settings[name] ?? usualReading[name]]));
}

/** What is not as usual, as one short text: for keys. Empty where all is. */
export function readingKey(settings: Partial<ReadingSettings>): string {
  const { spacing: _, ...usual } = usualReading;
  return (Object.keys(usual) as (keyof typeof usual)[])
    .map((name) => ({ name, value: settings[name] ?? usual[name] }))
    .filter(({ name, value }) => value !== usual[name])
    .map(
      ({ name, value }) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
    )
    .join(' ');
}

/** Numbers from 1 of the frames that are samples. */
export function framesTaken(count: number, frames: ReadingSettings['frames']): number[] {
  if (frames === 'first') return [1];
  const step = frames === 'all' ? 1 : frames.every;
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => 1 + index * step);
}
