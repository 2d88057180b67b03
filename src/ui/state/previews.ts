import type { PreviewEvent } from '../../events.js';

/** The last images that the model saw, oldest first; an image seen again is not kept twice. */
export type Previews = readonly Preview[];
export type Preview = Omit<PreviewEvent, 'type'>;

/** Each is some 8 kB. */
const kept = 48;

export const noPreviews: Previews = [];

export function rememberPreview(previews: Previews, event: PreviewEvent): Previews {
  const { type: _, ...preview } = event;
  const others = previews.filter((other) => keyOf(other) !== keyOf(event));
  return [...others.slice(-(kept - 1)), preview];
}

/** Names an image among others; stays when it is predicted again. */
export function keyOf({ split, id }: Pick<Preview, 'split' | 'id'>): string {
  return `${split}/${id}`;
}

export type PictureOrder = 'newest' | 'worst';

/** In the order of leafing: the newest first, or what validates worst. */
export function inOrder(previews: Previews, order: PictureOrder): Preview[] {
  const newest = previews.toReversed();
  return order === 'newest'
    ? newest
    : newest
        .filter(({ imageDice }) => imageDice !== undefined)
        .sort((a, b) => (a.imageDice ?? 0) - (b.imageDice ?? 0));
}

/** The one to show: the chosen one while it is there, else the first. */
export function placeOf(ordered: readonly Preview[], chosen: string | null): number {
  return Math.max(
    0,
    ordered.findIndex((preview) => keyOf(preview) === chosen),
  );
}
