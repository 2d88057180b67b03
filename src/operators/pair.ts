/**
 * The join of images and masks by stem (`S_N`), one stem at a time: which halves are there. Halves
 * come in any order, are replaced, and go away again. The caller keeps one state a stem, and drops
 * it when the outcome is `gone`.
 */
export type PairState<Image, Mask> =
  | { readonly has: 'nothing' }
  | { readonly has: 'image'; readonly image: Image }
  | { readonly has: 'mask'; readonly mask: Mask }
  | { readonly has: 'both'; readonly image: Image; readonly mask: Mask };

/** A half arrived or was replaced, or (null) was removed or can no longer be read. */
export type PairEvent<Image, Mask> =
  | { readonly half: 'image'; readonly item: Image | null }
  | { readonly half: 'mask'; readonly item: Mask | null };

export type PairOutcome<Image, Mask> =
  /** A pair, new or with one half replaced. */
  | { readonly kind: 'completed'; readonly image: Image; readonly mask: Mask }
  | { readonly kind: 'waiting'; readonly missing: 'image' | 'mask' }
  /** It was a pair; now it waits for what went. */
  | { readonly kind: 'broken'; readonly missing: 'image' | 'mask' }
  /** The only half there was went, or there was nothing to go. */
  | { readonly kind: 'gone' };

export interface PairStep<Image, Mask> {
  readonly state: PairState<Image, Mask>;
  readonly outcome: PairOutcome<Image, Mask>;
}

export const noHalves: PairState<never, never> = { has: 'nothing' };

export function joinPair<Image, Mask>(
  state: PairState<Image, Mask>,
  event: PairEvent<Image, Mask>,
): PairStep<Image, Mask> {
  const before = halvesOf(state);
  const image = event.half === 'image' ? event.item : before.image;
  const mask = event.half === 'mask' ? event.item : before.mask;
  if (image !== null && mask !== null) {
    return { state: { has: 'both', image, mask }, outcome: { kind: 'completed', image, mask } };
  }
  const kind = state.has === 'both' ? 'broken' : 'waiting';
  if (image !== null) {
    return { state: { has: 'image', image }, outcome: { kind, missing: 'mask' } };
  }
  if (mask !== null) {
    return { state: { has: 'mask', mask }, outcome: { kind, missing: 'image' } };
  }
  return { state: noHalves, outcome: { kind: 'gone' } };
}

function halvesOf<Image, Mask>(
  state: PairState<Image, Mask>,
): { readonly image: Image | null; readonly mask: Mask | null } {
  switch (state.has) {
    case 'nothing':
      return { image: null, mask: null };
    case 'image':
      return { image: state.image, mask: null };
    case 'mask':
      return { image: null, mask: state.mask };
    case 'both':
      return state;
  }
}
