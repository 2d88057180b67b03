import { fail, ok, type Result } from '../operators/result.js';
import type { Layout } from './file-role.js';
import { foldersLayout, pairsLayout } from './folders.js';
import { kaggleLayout } from './kaggle.js';
import { ownLayout, ownLayoutForm } from './own-layout.js';

/** Those that the program knows, the one that counts without a word first. */
export const builtInLayouts: readonly Layout[] = [kaggleLayout, foldersLayout, pairsLayout];

/** A layout by its name, or one's own by its patterns. */
export function layoutOf(given: unknown): Result<Layout, 'BAD_LAYOUT' | 'BAD_PATTERN'> {
  if (typeof given === 'string') {
    const known = builtInLayouts.find(({ name }) => name === given);
    if (known !== undefined) return ok(known);
    const names = builtInLayouts.map(({ name }) => name).join(', ');
    return fail('BAD_LAYOUT', `there is no layout ${JSON.stringify(given)}; there are ${names}`);
  }
  const parsed = ownLayoutForm.safeParse(given);
  if (parsed.success) return ownLayout(parsed.data);
  const [issue] = parsed.error.issues;
  return fail(
    'BAD_LAYOUT',
    `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`,
  );
}
