import type { Layout } from './file-role.js';

/** A layout for which a folder below raw/ holds nothing: the store, whose masks are no labels, or exports. */
export function withoutFolder(layout: Layout, folder: string): Layout {
  const isInside = (path: string) => path === folder || path.startsWith(`${folder}/`);
  return {
    ...layout,
    roleOf: (path) => (isInside(path) ? { kind: 'foreign' } : layout.roleOf(path)),
    mayHold: (path) => !isInside(path) && layout.mayHold(path),
  };
}
