import { z } from 'zod';
import { fail, ok, type Result } from '../operators/result.js';
import { imageStem } from './extensions.js';
import type { FileRole, Layout } from './file-role.js';
import { type PathPattern, parsePattern } from './patterns.js';

const patterns = z.union([
  z
    .string()
    .min(1)
    .transform((text) => [text]),
  z.array(z.string().min(1)).min(1),
]);

/** A layout as nerveflow.config.json holds it: patterns of paths below raw/. */
export const ownLayoutForm = z.strictObject({
  images: patterns.optional(),
  masks: patterns.optional(),
  maskKind: z.enum(['filled', 'outline']).optional(),
  predict: patterns.optional(),
  labels: patterns.optional(),
  spacing: z.strictObject({ csv: z.string(), file: z.string(), mm: z.string() }).optional(),
  measure: z
    .strictObject({
      csv: z.string(),
      file: z.string(),
      mm: z.string(),
      is: z.enum(['circumference', 'area']),
    })
    .optional(),
});

export type OwnLayout = z.output<typeof ownLayoutForm>;

type Values = Readonly<Record<string, string>>;

/**
 * Images to train on fit `images`, their masks `masks`, by equal placeholders; images to predict fit
 * `predict`, or are what has no mask where there is no such pattern; files with labels of many fit
 * `labels`. The id is `{id}`, or all placeholders with `_`
 * between them; the subject is `{subject}`, or the id.
 */
export function ownLayout(given: OwnLayout): Result<Layout, 'BAD_PATTERN'> {
  const parsed: Record<'images' | 'masks' | 'predict' | 'labels', PathPattern[]> = {
    ...{ images: [], masks: [], predict: [], labels: [] },
  };
  // Masks come after their images: what a placeholder stands for is said once, there.
  for (const key of ['images', 'masks', 'predict', 'labels'] as const) {
    const known = key === 'masks' ? regexesOf(parsed.images) : {};
    for (const text of given[key] ?? []) {
      const pattern = parsePattern(text, known);
      if (!pattern.ok) return fail('BAD_PATTERN', `${key}: ${pattern.failure.message}`);
      parsed[key].push(pattern.value);
    }
  }
  const { images, masks, predict, labels } = parsed;
  if (images.length + predict.length === 0)
    return fail('BAD_PATTERN', 'it needs images or predict');
  const unnamed = [...images, ...predict].find(({ names }) => names.length === 0);
  if (unnamed !== undefined) {
    return fail(
      'BAD_PATTERN',
      `${JSON.stringify(unnamed.text)} has no placeholder to tell images by, such as {id}`,
    );
  }
  const keys = images[0]?.names ?? [];
  const unlike = [...images, ...masks].find(({ names }) =>
    keys.includes('id') ? !names.includes('id') : keys.some((name) => !names.includes(name)),
  );
  if (unlike !== undefined) {
    const missing = (keys.includes('id') ? ['id'] : keys).filter(
      (name) => !unlike.names.includes(name),
    );
    return fail(
      'BAD_PATTERN',
      `${JSON.stringify(unlike.text)} lacks {${missing.join('}, {')}}, by which images and masks are told apart`,
    );
  }
  const all = [...masks, ...images, ...predict, ...labels];
  const first = (some: readonly PathPattern[], path: string) => {
    for (const pattern of some) {
      const values = pattern.match(path);
      if (values !== null) return idOf(some === predict ? pattern.names : keys, values);
    }
    return null;
  };
  // Where nothing else is to be predicted, an image without a mask is; without patterns of masks,
  // labels may tell.
  const split = masks.length > 0 && predict.length > 0 ? 'train' : 'either';
  return ok({
    name: 'own',
    patterns: JSON.stringify(given),
    namesSubjects: images.some(({ names }) => names.includes('subject')),
    ...(given.maskKind && { maskKind: given.maskKind }),
    ...(given.spacing && { spacing: given.spacing }),
    ...(given.measure && { measure: given.measure }),
    roleOf(path): FileRole {
      if (first(labels, path) !== null) return { kind: 'labels' };
      if (imageStem(path) === null) return { kind: 'foreign' };
      const mask = first(masks, path);
      if (mask !== null) return { kind: 'mask', id: mask.id };
      const image = first(images, path);
      if (image !== null) return { kind: 'image', split, ...image };
      const predicted = first(predict, path);
      return predicted === null
        ? { kind: 'foreign' }
        : { kind: 'image', split: 'test', ...predicted };
    },
    mayHold: (folder) => all.some((pattern) => pattern.mayHold(folder)),
  });
}

/** Where several patterns say different things of a placeholder, any of them may be meant. */
function regexesOf(patterns: readonly PathPattern[]): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const { regexes } of patterns) {
    for (const [name, regex] of Object.entries(regexes)) {
      found.set(name, (found.get(name) ?? new Set()).add(regex));
    }
  }
  return Object.fromEntries([...found].map(([name, all]) => [name, [...all].join('|')]));
}

/** @param names in one order for an image and its mask */
function idOf(names: readonly string[], values: Values): { id: string; subject: string } {
  const named = names.map((name) => values[name] ?? '').filter((value) => value !== '');
  const id = values.id ?? named.join('_');
  return { id, subject: values.subject ?? id };
}
