import { attach } from './attach.js';
import { audit } from './audit.js';
import { bench } from './bench.js';
import type { Command } from './command.js';
import { demo } from './demo.js';
import { doctor } from './doctor.js';
import { evaluate } from './evaluate.js';
import { ingest } from './ingest.js';
import { predict } from './predict.js';
import { train } from './train.js';
import { watch } from './watch.js';

export const allCommands: readonly Command[] = [
  watch,
  ingest,
  train,
  predict,
  evaluate,
  audit,
  demo,
  attach,
  bench,
  doctor,
];
