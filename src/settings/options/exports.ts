import { z } from 'zod';
import { type FormatName, formatNames } from '../../exports/format-names.js';
import { option, switchOption } from '../option-spec.js';
import { someText } from '../option-values.js';

const separated = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .or(z.array(z.string()));

/** What is handed on to other programs. */
export const exportOptions = {
  export: option<readonly FormatName[]>({
    flag: '--export',
    argument: '<format,...>',
    describe: 'keep these formats current in --export-to while it runs',
    takes: `${formatNames.join(', ')}, with commas between them`,
    schema: separated.pipe(z.array(z.enum(formatNames))),
    fallback: [],
  }),
  exportTo: option({
    flag: '--export-to',
    argument: '<folder>',
    describe: 'where formats are written, each in a folder of its own',
    takes: 'a folder',
    schema: someText,
    fallback: './export',
  }),
} as const;

/** Of the command alone, or of how a format is written. */
export const exportFormOptions = {
  to: option<string | null>({
    flag: '--to',
    argument: '<folder>',
    describe: 'where to write, each format in a folder of its own (default: that of --export-to)',
    takes: 'a folder',
    schema: someText,
    fallback: null,
  }),
  exportLabel: option({
    flag: '--export-label',
    argument: '<name>',
    describe: 'what the masks show, as exports call it',
    takes: 'a name',
    schema: someText,
    fallback: 'nerve',
  }),
  withTruth: switchOption('--with-truth', 'export true masks too, where there are any'),
} as const;
