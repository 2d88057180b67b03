import type { z } from 'zod';
import { fail, ok, type Result } from '../operators/result.js';
import type { Label } from './label.js';

export type LabelFileCode = 'NOT_JSON' | 'NOT_A_LABEL_FILE' | 'BAD_LABEL';

/** What a file of labels holds. */
export interface ParsedLabels {
  readonly labels: readonly Label[];
  /** One line each of what encloses nothing and was left out. */
  readonly leftOut: readonly string[];
}

/** Which of a file's categories count: a number or a name of one, or null for all of them. */
export type WantedLabel = number | string | null;

/** JSON of a form; fields that the form does not name are ignored. */
export function parseJson<T>(text: string, form: z.ZodType<T>): Result<T, LabelFileCode> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return fail('NOT_JSON', `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = form.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return fail('NOT_A_LABEL_FILE', `${where}${issue?.message ?? 'not as expected'}`);
}

export function isWanted(wanted: WantedLabel, ...names: readonly (number | string)[]): boolean {
  return wanted === null || names.some((name) => String(name) === String(wanted));
}
