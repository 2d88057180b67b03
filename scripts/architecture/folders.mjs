import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf, sourceFiles } from './source.mjs';

/**
 * The table in ARCHITECTURE.md with a column "may import" is the rule. Its first column names folders
 * and files of src in backticks; "may import" lists others, without `src/` and divided by commas:
 * `model, store/catalog`, or `everything`, or `nothing`. A remark in parentheses is for people. What a
 * path imports of its own is free. Cycles of files are Biome's to find.
 */
export function checkFolders(root) {
  const rules = readTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));
  if (rules.length === 0) return ['ARCHITECTURE.md has no table with a column "may import"'];
  const unknown = rules.flatMap(({ path, allowed }) =>
    allowed
      .filter((name) => !exists(root, name))
      .map(
        (name) => `${path} may import "${name}", says ARCHITECTURE.md, but there is no src/${name}`,
      ),
  );
  return [...unknown, ...sourceFiles(root).flatMap((file) => violations(root, rules, file))];
}

function violations(root, rules, file) {
  const rule = ruleFor(rules, file);
  if (rule === undefined) return [`${file} is in no row of ARCHITECTURE.md's table "may import"`];
  return importsOf(root, file)
    .filter(
      (imported) => imported.file.startsWith('src/') && !isAllowed(rules, rule, imported.file),
    )
    .map((imported) => `${file} imports ${imported.file}, which ${rule.path} may not`);
}

function isAllowed(rules, { path, allowed, all }, target) {
  if (all || ruleFor(rules, target)?.path === path) return true;
  return allowed.some((name) => isUnder(target, `src/${name}`));
}

/** Of several rules that fit, the one that says most. */
function ruleFor(rules, file) {
  return rules
    .filter(({ path }) => isUnder(file, path.replace(/\/$/, '').replace(/\.tsx?$/, '')))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

function isUnder(file, name) {
  return file.startsWith(`${name}/`) || file === `${name}.ts` || file === `${name}.tsx`;
}

function exists(root, name) {
  return [name, `${name}.ts`, `${name}.tsx`].some((each) => existsSync(join(root, 'src', each)));
}

function readTable(text) {
  const lines = text.split('\n');
  const header = lines.findIndex((line) => line.startsWith('|') && line.includes('may import'));
  if (header < 0) return [];
  const column = cellsOf(lines[header]).indexOf('may import');
  const end = lines.findIndex((line, index) => index > header && !line.startsWith('|'));
  return lines.slice(header + 2, end < 0 ? undefined : end).flatMap((line) => {
    const cells = cellsOf(line);
    const names = (cells[column] ?? '')
      .replace(/\([^)]*\)/g, '')
      .split(',')
      .map((name) => name.replaceAll('`', '').trim())
      .filter((name) => name !== '' && name !== 'nothing');
    const all = names.includes('everything');
    return [...cells[0].matchAll(/`(src\/[^`]+)`/g)].map(([, path]) => ({
      path,
      all,
      allowed: all ? [] : names,
    }));
  });
}

function cellsOf(line) {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
