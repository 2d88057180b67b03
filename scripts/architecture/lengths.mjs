import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceFiles } from './source.mjs';

const mostInSource = 300;
/** Read from top to bottom by somebody new. */
const mostOnPage = 150;

/** Lines as an editor counts them; Biome's rule leaves out those within template literals. */
export function checkLengths(root) {
  const pages = readdirSync(join(root, 'src', 'streams'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/streams/${name}`);
  return [
    ...tooLong(root, ['README.md', ...pages], mostOnPage),
    ...tooLong(
      root,
      sourceFiles(root).filter((file) => !pages.includes(file)),
      mostInSource,
    ),
  ];
}

function tooLong(root, files, most) {
  return files.flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length;
    return lines > most ? [`${file} has ${lines} lines, ${most} at most`] : [];
  });
}
