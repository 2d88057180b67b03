/** No path under raw/ has two slashes in a row. */
const divider = '//';

/** Frame 12 of `test/7.dcm` is `test/7.dcm//12`, the label of `a/1.png` in `coco.json` is `coco.json//a/1.png`. */
export function partPath(file: string, part: string | number): string {
  return `${file}${divider}${part}`;
}

/** The file that a path is of, and which part of it; null for the file itself. */
export function partOf(path: string): { readonly file: string; readonly part: string | null } {
  const at = path.indexOf(divider);
  if (at < 0) return { file: path, part: null };
  return { file: path.slice(0, at), part: path.slice(at + divider.length) };
}
