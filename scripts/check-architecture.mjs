// Holds ARCHITECTURE.md against the code, so that it stays true:
//
//   node scripts/check-architecture.mjs [--root <folder>] [folders] [walks] [paths] [lengths] [fields]
//
// folders: src imports only what the table "may import" says (architecture/folders.mjs)
// walks:   each step of a walk exists and is reached from the one before (architecture/walks.mjs)
// paths:   files that the documents name exist (architecture/paths.mjs)
// lengths: no file of src, no page and no README that is too long (architecture/lengths.mjs)
// fields:  no class of src/streams with many fields that change (architecture/fields.mjs)
//
// All of them where none is named. Prints what is wrong, a line each, and ends with code 1 then.
import { parseArgs } from 'node:util';
import { checkFields } from './architecture/fields.mjs';
import { checkFolders } from './architecture/folders.mjs';
import { checkLengths } from './architecture/lengths.mjs';
import { checkPaths } from './architecture/paths.mjs';
import { checkWalks } from './architecture/walks.mjs';

const checks = {
  folders: checkFolders,
  walks: checkWalks,
  paths: checkPaths,
  lengths: checkLengths,
  fields: checkFields,
};
const { values, positionals } = parseArgs({
  options: { root: { type: 'string', default: '.' } },
  allowPositionals: true,
});
const names = positionals.length === 0 ? Object.keys(checks) : positionals;

let failures = 0;
for (const name of names) {
  for (const line of checks[name](values.root)) {
    process.stderr.write(`${name}: ${line}\n`);
    failures++;
  }
}
if (failures === 0) process.stdout.write(`The architecture holds: ${names.join(', ')}.\n`);
else process.exitCode = 1;
