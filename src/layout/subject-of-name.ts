/**
 * Whom an image shows, where only its name may tell: what stands before the first `_` or `-`, if
 * that ends in a digit (`p12_3` is of `p12`), else the whole name. Images of one subject that are
 * called otherwise need a layout of their own.
 */
export function subjectOfName(name: string): string {
  return /^([^_-]*\d)[_-]/.exec(name)?.[1] ?? name;
}
