import { option, switchOption } from '../option-spec.js';
import { someText, wholeNumber } from '../option-values.js';

/** Where images come from and results go. */
export const folderOptions = {
  raw: option({
    flag: '--raw',
    argument: '<folder>',
    describe: 'where the images are dropped; --layout tells which file is what',
    takes: 'a folder',
    schema: someText,
    fallback: './raw',
  }),
  store: option({
    flag: '--store',
    argument: '<folder>',
    describe: 'what the program keeps: cache, models, masks, submission.csv',
    takes: 'a folder',
    schema: someText,
    fallback: './store',
  }),
} as const;

/** How changes under raw/ are noticed. */
export const intakeOptions = {
  settle: option({
    flag: '--settle',
    argument: '<ms>',
    describe: 'a file is read when its size and time have not changed for this long',
    takes: 'milliseconds from 20 to 60000',
    schema: wholeNumber(20, 60_000),
    fallback: 250,
  }),
  poll: switchOption('--poll', 'look for changes by polling (network folders, no inotify left)'),
} as const;
