import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** Paths of all TypeScript files under `folder`, relative to `root`. */
export function sourceFiles(root, folder = 'src') {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(root, path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** A file's text without its comments. */
export function codeOf(root, file) {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

const importing =
  /^(?:import|export)\s(?:(?<names>[^'";]*?)\sfrom\s)?['"](?<from>[^'"]+)['"]|\bimport\(\s*['"](?<later>[^'"]+)['"]/gm;

/** The project's own files that a file imports, each with the names that it takes from there. */
export function importsOf(root, file) {
  return [...codeOf(root, file).matchAll(importing)].flatMap(({ groups }) => {
    const from = groups.from ?? groups.later;
    const target = from.startsWith('.') ? resolved(root, file, from) : null;
    return target === null ? [] : [{ file: target, names: groups.names?.match(/\w+/g) ?? [] }];
  });
}

function resolved(root, file, from) {
  const path = posix.join(dirname(file), from).replace(/\.js$/, '');
  return [`${path}.ts`, `${path}.tsx`].find((each) => existsSync(join(root, each))) ?? null;
}
