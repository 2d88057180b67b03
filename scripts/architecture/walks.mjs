import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, importsOf } from './source.mjs';

/** Over what data goes on where nothing calls: these steps need no reference. */
const carriers = ['message', 'event', 'stream', 'store'];

/**
 * A walk is a numbered list under a heading of ARCHITECTURE.md that begins with "Walk":
 *
 *     ### Walk: a loss reaches the screen (at most 6 hops)
 *
 *     1. `src/compute/child/training.ts#train` takes a step
 *     2. (message) `src/compute/parent/remote-calls.ts#RemoteCalls.take` hears of it
 *        1. `src/operators/smooth.ts#smooth` is called by 2
 *
 * Each step names a file and what is declared there: a function, a class, or `Class.member`. A step is
 * reached from the line before it, or from the one that it is indented under: that file imports the name
 * from there, or has `.member` in it. A carrier in parentheses stands for what goes on without a call.
 * Nothing comes twice in a walk: data does not go back.
 */
export function checkWalks(root) {
  const walks = readWalks(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'));
  if (walks.length === 0) return ['ARCHITECTURE.md has no heading that begins with "Walk"'];
  return walks.flatMap((walk) => faultsOf(root, walk).map((fault) => `${walk.title}: ${fault}`));
}

function faultsOf(root, { steps, unread, mostHops }) {
  if (steps.length === 0) return ['has no steps'];
  const hops = steps.length - 1;
  return [
    ...unread.map((line) => `"${line}" names no \`file#function\``),
    ...(hops > mostHops ? [`has ${hops} hops, ${mostHops} at most`] : []),
    ...steps.flatMap((step, index) => {
      const fault = faultOf(root, steps, index);
      return fault === null ? [] : [`${step.name}: ${fault}`];
    }),
  ];
}

function faultOf(root, steps, index) {
  const step = steps[index];
  if (!existsSync(join(root, step.file))) return 'there is no such file';
  if (!isDeclared(root, step)) return `nothing of that name is declared in ${step.file}`;
  if (steps.slice(0, index).some(({ name }) => name === step.name)) return 'comes twice';
  if (step.carrier !== null) {
    return carriers.includes(step.carrier)
      ? null
      : `"(${step.carrier})" is none of ${carriers.join(', ')}`;
  }
  if (index === 0) return null;
  const callers = [steps[index - 1], parentOf(steps, index)].filter((each) => each !== undefined);
  if (callers.some((caller) => existsSync(join(root, caller.file)) && refers(root, caller, step))) {
    return null;
  }
  const files = [...new Set(callers.map(({ file }) => file))];
  return `is not reached from ${files.join(' or ')}`;
}

/** The nearest step above that is indented less. */
function parentOf(steps, index) {
  return steps.slice(0, index).findLast(({ indent }) => indent < steps[index].indent);
}

function isDeclared(root, { file, symbol }) {
  if (symbol === null) return true;
  const [outer, member] = symbol.split('.');
  const code = codeOf(root, file);
  const declares = new RegExp(`\\b(?:function\\*?|class|const|interface|type)\\s+${outer}\\b`);
  if (!declares.test(code)) return false;
  const declaresMember = `^\\s+(?:(?:private|protected|static|override|async|readonly|get|set)\\s+)*${member}\\s*[(<=:?]`;
  return member === undefined || new RegExp(declaresMember, 'm').test(code);
}

function refers(root, caller, { file, symbol }) {
  const code = codeOf(root, caller.file);
  const [outer, member] = symbol?.split('.') ?? [];
  if (member !== undefined) return new RegExp(`\\.${member}\\b`).test(code);
  if (caller.file === file) return code.match(new RegExp(`\\b${outer}\\b`, 'g')).length > 1;
  return importsOf(root, caller.file).some(
    (each) => each.file === file && (outer === undefined || each.names.includes(outer)),
  );
}

const item = /^(\s*)\d+\.\s+(?:\((\w+)\)\s+)?`([^`#]+)(?:#([\w.]+))?`/;

function readWalks(text) {
  const walks = [];
  let walk = null;
  for (const line of text.split('\n')) {
    const heading = /^#+\s+(.*)/.exec(line)?.[1];
    if (heading !== undefined) {
      const most = /at most (\d+) hops/.exec(heading)?.[1];
      const mostHops = most === undefined ? Number.POSITIVE_INFINITY : Number(most);
      walk = heading.startsWith('Walk')
        ? { title: heading, steps: [], unread: [], mostHops }
        : null;
      if (walk !== null) walks.push(walk);
    } else if (walk !== null && /^\s*\d+\.\s/.test(line)) {
      const step = stepOf(line);
      if (step === null) walk.unread.push(line.trim());
      else walk.steps.push(step);
    }
  }
  return walks;
}

function stepOf(line) {
  const match = item.exec(line);
  if (match === null) return null;
  const [, indent, carrier = null, file, symbol = null] = match;
  const name = symbol === null ? file : `${file}#${symbol}`;
  return { indent: indent.length, carrier, file, symbol, name };
}
