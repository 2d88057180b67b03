import { sorted } from '../operators/sorted.js';
import type { Image, ListQuery } from './api.js';

/** What images are sorted by; null comes last, whatever the order. */
const values: Record<Exclude<ListQuery['sort'], 'name'>, (image: Image) => number | null> = {
  uncertainty: ({ prediction }) => prediction?.uncertainty ?? null,
  area: ({ prediction }) => prediction?.pixels ?? null,
  presence: ({ prediction }) => prediction?.evidence ?? null,
  age: ({ prediction }) => (prediction?.predictedAt ? Date.parse(prediction.predictedAt) : null),
};

/** An image in its place among the others. */
export interface ListedImage {
  image: Image;
  /** Its key, so written that plain order is by name: a collator takes fifty times as long. */
  readonly name: string;
}

export function listed(image: Image): ListedImage {
  const { key } = image;
  const name = key.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(12, '0'));
  return { image, name: `${name} ${key}` };
}

/** Images by their names: test and train apart, numbers as numbers. */
export function byName(images: readonly ListedImage[]): Generator<void, ListedImage[]> {
  return sorted(images, (a, b) => (a.name < b.name ? -1 : +(a.name > b.name)));
}

/** Images in an order, from images by name; equal ones stay by name. */
export function* inOrder(
  named: readonly ListedImage[],
  { sort, order }: Pick<ListQuery, 'sort' | 'order'>,
): Generator<void, readonly Image[]> {
  if (sort === 'name') {
    const images = named.map(({ image }) => image);
    return order === 'asc' ? images : images.reverse();
  }
  const readValue = values[sort];
  const known: { readonly image: Image; readonly value: number }[] = [];
  const unknown: Image[] = [];
  for (const { image } of named) {
    const value = readValue(image);
    if (value === null) unknown.push(image);
    else known.push({ image, value });
  }
  yield;
  const sign = order === 'asc' ? 1 : -1;
  const inOrder = yield* sorted(known, (a, b) => sign * (a.value - b.value));
  return [...inOrder.map(({ image }) => image), ...unknown];
}
