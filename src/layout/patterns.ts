import { fail, ok, type Result } from '../operators/result.js';

/** A pattern of paths: what its placeholders stand for, or null where a path does not fit. */
export interface PathPattern {
  readonly text: string;
  readonly names: readonly string[];
  /** What placeholders stand for, where the pattern says so. */
  readonly regexes: Readonly<Record<string, string>>;
  match(path: string): Readonly<Record<string, string>> | null;
  /** Whether a folder, relative to raw/, may hold what fits. */
  mayHold(folder: string): boolean;
}

const placeholder = /^\{([A-Za-z]\w*)(?::((?:[^{}]|\{[^{}]*\})*))?\}/;

/**
 * Reads a pattern such as `train/{subject:\d+}_{frame}.png`: `{name}` stands for any text without a
 * slash, the shortest that fits, `{name:...}` for what the regular expression says, `*` for any text
 * without a slash and `**` for any text at all.
 *
 * @param known what a placeholder stands for where this pattern does not say
 */
export function parsePattern(
  text: string,
  known: Readonly<Record<string, string>> = {},
): Result<PathPattern, 'BAD_PATTERN'> {
  const parts = splitAtSlashes(text);
  const compiled: Compiled[] = [];
  for (const part of parts) {
    const made = compile(part, known);
    if (!made.ok) return fail('BAD_PATTERN', `${JSON.stringify(text)}: ${made.failure.message}`);
    compiled.push(made.value);
  }
  const names = compiled.flatMap((part) => part.names);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    return fail('BAD_PATTERN', `${JSON.stringify(text)}: {${twice}} stands there twice`);
  if (parts.some((part) => part === '' || part === '..' || part === '.')) {
    return fail('BAD_PATTERN', `${JSON.stringify(text)} is no path below raw/`);
  }
  let whole: RegExp;
  let folders: readonly RegExp[];
  try {
    const sources = compiled.map(({ source }) => source);
    whole = new RegExp(`^${sources.join('/')}$`);
    folders = sources.slice(0, -1).map((source) => new RegExp(`^${source}$`));
  } catch (error) {
    return fail('BAD_PATTERN', `${JSON.stringify(text)}: ${(error as Error).message}`);
  }
  const isDeep = text.includes('**');
  return ok({
    text,
    names,
    regexes: Object.assign({}, ...compiled.map((part) => part.regexes)),
    match: (path) => {
      const found = whole.exec(path);
      return found === null ? null : { ...found.groups };
    },
    mayHold: (folder) => {
      if (folder === '') return true;
      if (isDeep) return true;
      const given = folder.split('/');
      return given.length <= folders.length && given.every((name, at) => folders[at]!.test(name));
    },
  });
}

/** At slashes outside of braces. */
function splitAtSlashes(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === '{') depth++;
    if (letter === '}') depth--;
    if (letter === '/' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

interface Compiled {
  readonly source: string;
  readonly names: readonly string[];
  readonly regexes: Readonly<Record<string, string>>;
}

function compile(part: string, known: Readonly<Record<string, string>>): Result<Compiled> {
  let source = '';
  const names: string[] = [];
  const regexes: Record<string, string> = {};
  for (let at = 0; at < part.length; ) {
    const rest = part.slice(at);
    const [whole, name, regex] = placeholder.exec(rest) ?? [];
    if (whole !== undefined && name !== undefined) {
      const inherited = Object.hasOwn(known, name) ? known[name] : undefined;
      source += `(?<${name}>${regex ?? inherited ?? '[^/]+?'})`;
      names.push(name);
      if (regex !== undefined) regexes[name] = regex;
      at += whole.length;
    } else if (rest[0] === '{' || rest[0] === '}') {
      return fail(
        'BAD_PATTERN',
        `the brace at ${JSON.stringify(rest)} begins or ends nothing; {name} or {name:regular expression}`,
      );
    } else if (rest.startsWith('**')) {
      source += '.*';
      at += 2;
    } else {
      source += rest[0] === '*' ? '[^/]*' : rest[0]!.replace(/[.+?^$()|[\]\\]/, '\\$&');
      at++;
    }
  }
  return ok({ source, names, regexes });
}
