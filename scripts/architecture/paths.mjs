import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

const named = /`((?:src|test|scripts|bench|docs|packages)\/[\w./-]+)(?:#[\w.]+)?`/g;
const linked = /\]\(([\w./-]+)(?:#[\w-]+)?\)/g;

/** What a document names in backticks, or links to, is there. The change log may speak of what was. */
export function checkPaths(root) {
  return documents(root).flatMap((document) => {
    const text = readFileSync(join(root, document), 'utf8');
    const paths = [...text.matchAll(named)].map(([, path]) => path);
    const links = [...text.matchAll(linked)].map(([, path]) => posix.join(dirname(document), path));
    return [...new Set([...paths, ...links])]
      .filter((path) => !existsSync(join(root, path)) && !existsSync(join(root, `${path}.ts`)))
      .map((path) => `${document} names ${path}, which is not there`);
  });
}

function documents(root) {
  const docs = join(root, 'docs');
  const inDocs = existsSync(docs) ? readdirSync(docs, { recursive: true }) : [];
  return [...readdirSync(root), ...inDocs.map((name) => posix.join('docs', name))].filter(
    (name) => name.endsWith('.md') && name !== 'CHANGELOG.md',
  );
}
