import type { Failure } from './result.js';

export interface SubmissionRow {
  readonly id: string;
  readonly rle: string;
  /** 1-based, of the file. */
  readonly line: number;
}

export type RowCode = 'ROW_WITHOUT_COMMA' | 'ROW_WITHOUT_ID' | 'ROW_TWICE';

export interface SubmissionRows {
  /** By id, in the file's order; of an id that stands twice, the first. */
  readonly rows: ReadonlyMap<string, SubmissionRow>;
  readonly failures: readonly (Failure<RowCode> & { readonly line: number })[];
}

/**
 * The rows of a file in Kaggle's form, `img,pixels`. A first line that does not begin with a number
 * is the header; empty lines count for nothing.
 */
export function readSubmissionRows(text: string): SubmissionRows {
  const rows = new Map<string, SubmissionRow>();
  const failures: (Failure<RowCode> & { line: number })[] = [];
  for (const [index, content] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    if (content.trim() === '' || (index === 0 && !/^\s*\d/.test(content))) continue;
    const comma = content.indexOf(',');
    const id = content.slice(0, comma).trim();
    const failed = (code: RowCode, message: string) => failures.push({ line, code, message });
    if (comma === -1) failed('ROW_WITHOUT_COMMA', 'it is not of the form id,run lengths');
    else if (id === '') failed('ROW_WITHOUT_ID', 'no id stands before the comma');
    else if (rows.has(id))
      failed('ROW_TWICE', `${id} stands in line ${rows.get(id)!.line} already`);
    else rows.set(id, { id, rle: content.slice(comma + 1).trim(), line });
  }
  return { rows, failures };
}
