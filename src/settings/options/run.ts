import { switchOption } from '../option-spec.js';

/** How a command runs. */
export const runOptions = {
  once: switchOption(
    '--once',
    'process what is there, train if there is no current model, predict, exit',
  ),
  strict: switchOption('--strict', 'with --once: exit 1 if an item failed'),
} as const;

/** What doctor does besides looking. */
export const doctorOptions = {
  repair: switchOption('--repair', 'mend what is wrong in the store and remove what is left over'),
  bench: switchOption(
    '--bench',
    'time training on every usable backend (--recipe, --size); --backend auto then takes the fastest',
  ),
} as const;
