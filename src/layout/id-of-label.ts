import type { Layout } from './file-role.js';

/**
 * The id of the image that a file of labels names: as a path beside that file, below raw/ or below
 * train/, or as the id itself.
 */
export function idOfLabel(layout: Layout, labelsPath: string, image: string): string {
  const name = image.replaceAll('\\', '/').replace(/^(\.?\/)+/, '');
  const folder = labelsPath.slice(0, labelsPath.lastIndexOf('/') + 1);
  const base = name.slice(name.lastIndexOf('/') + 1);
  for (const path of [folder + name, name, `train/${name}`, `train/${name}.tif`, folder + base]) {
    const role = layout.roleOf(path);
    if (role.kind === 'image' || role.kind === 'mask') return role.id;
  }
  return name;
}
