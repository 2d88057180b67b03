import { formatNames } from '../exports/format-names.js';
import {
  type Command,
  computeKeys,
  continuationKeys,
  exportKeys,
  folderKeys,
  logKeys,
  readingKeys,
  retrainingKeys,
  trainingKeys,
} from './command.js';
import { recipeList } from './recipe-list.js';

const modelVerbs = ['list', 'show', 'use', 'keep', 'unkeep', 'remove'];

const watchOptions: Command['options'] = [
  ...folderKeys,
  ...readingKeys,
  'once',
  'strict',
  ...retrainingKeys,
  'settle',
  'poll',
  ...computeKeys,
  ...trainingKeys,
  ...continuationKeys,
  'postProcessing',
  'metrics',
  'web',
  'webToken',
  ...exportKeys,
  'exportLabel',
  'withTruth',
  ...logKeys,
];

/** What the command line offers; what a command needs is loaded when it is asked for. */
export const allCommands: readonly Command[] = [
  {
    name: 'watch',
    summary: 'watch raw/, train, predict and keep submission.csv current, until stopped (default)',
    options: watchOptions,
    details:
      'While it runs: kill -USR1 <pid> predicts everything again, kill -USR2 <pid> trains now.',
    load: async () => (await import('./watch.js')).watch,
  },
  {
    name: 'ingest',
    summary: 'fill the cache from raw/, exit',
    options: [...folderKeys, ...readingKeys, 'size', 'threads', 'settle', 'strict', ...logKeys],
    load: async () => (await import('./ingest.js')).ingest,
  },
  {
    name: 'train',
    summary:
      'train on the cache, exit; goes on from an interrupted training or from the best model',
    details: recipeList,
    options: [
      'store',
      ...readingKeys,
      ...computeKeys,
      ...trainingKeys,
      ...continuationKeys,
      'startFrom',
      'like',
      'otherData',
      'metrics',
      ...logKeys,
    ],
    load: async () => (await import('./train.js')).train,
  },
  {
    name: 'predict',
    summary: 'predict what is stale in the cache with the best model, write submission.csv, exit',
    options: ['store', ...readingKeys, ...computeKeys, 'model', 'postProcessing', ...logKeys],
    load: async () => (await import('./predict.js')).predict,
  },
  {
    name: 'evaluate',
    summary: 'cross-validate by subject on the cache, print the metrics; goes on where it stopped',
    details:
      'With --against nothing is trained: a submission is scored against true rows, on the original grid.\nIt exits with 1 when a true row has no answer that can be read.',
    options: [
      ...folderKeys,
      ...readingKeys,
      ...computeKeys,
      ...trainingKeys,
      'seeds',
      'promote',
      'against',
      'submission',
      'imageSize',
      ...logKeys,
    ],
    load: async () => (await import('./evaluate.js')).evaluate,
  },
  {
    name: 'audit',
    summary:
      'look for wrong labels and leaks in raw/: contradictions, duplicates, outliers; no model needed',
    details:
      'Takes in what is new, then prints what it found and what to do. Changes nothing under raw/.\nThe last event but one of --json, audit.done, has all of it.',
    options: [...folderKeys, ...readingKeys, 'size', 'folds', 'threads', 'settle', 'json'],
    load: async () => (await import('./audit.js')).audit,
  },
  {
    name: 'layout',
    summary: 'what each file under raw/ would be, by its name alone; reads and changes nothing',
    options: ['raw', 'layout', 'json'],
    load: async () => (await import('./layout.js')).layout,
  },
  {
    name: 'demo',
    summary:
      'write a synthetic data set into --raw, then watch it; on no terminal, until it is done',
    options: watchOptions,
    defaults: {
      raw: './demo/raw',
      store: './demo/store',
      recipe: 'fast',
      epochs: 30,
      batchSize: 16,
    },
    load: async () => (await import('./demo.js')).demo,
  },
  {
    name: 'export',
    summary: 'write what the store holds in formats that other programs read',
    details:
      'Each format appears whole, in a folder of its own; what it leaves out is told, and stands in its\nexport.json. docs/guides/exports.md says what is in which.',
    arguments: [{ name: '<format...>', choices: [...formatNames, 'all'] }],
    options: [
      ...folderKeys,
      ...readingKeys,
      'size',
      'postProcessing',
      'to',
      'exportLabel',
      'withTruth',
      'json',
    ],
    load: async () => (await import('./export.js')).exportStore,
  },
  {
    name: 'models',
    summary:
      'what models there are, also while nerveflow runs; go back to one, keep one, remove one',
    details: `models [list]         all of them, the newest first
models show <id>      all about one, and how to train it again
models use <id>       it is the current model from now on; predictions follow
models keep <id>      it is never pruned, until models unkeep <id>
models remove <id>    frees its disk
The beginning of an id is enough where no other begins so.`,
    arguments: [{ name: '[verb]', choices: modelVerbs }, { name: '[id]' }],
    options: ['store', 'json'],
    load: async () => (await import('./models.js')).models,
  },
  {
    name: 'attach',
    summary: 'look at a nerveflow that runs elsewhere on this machine (in tmux, as a service)',
    details:
      'Any number may look on, also in a pipe (--plain, --json). Leaving stops nothing; only with\n--control do the keys ask the program for anything.',
    options: ['store', 'control', ...logKeys],
    load: async () => (await import('./attach.js')).attach,
  },
  {
    name: 'web',
    summary: 'the web page for a store that no program works on: to look at images and masks',
    details:
      'It computes and changes nothing. While a program works on the store, start that with --web.\ndocs/guides/web.md says how to reach it from elsewhere.',
    options: [...folderKeys, ...readingKeys, 'size', 'web', 'webToken', 'json'],
    defaults: { web: { host: '127.0.0.1', port: 8420 } },
    load: async () => (await import('./web.js')).web,
  },
  {
    name: 'bench',
    summary:
      'measure training, prediction or ingest on made-up data; touches neither raw nor store',
    arguments: [{ name: '<what>', choices: ['train', 'predict', 'ingest'] }],
    options: [...computeKeys, 'recipe', 'seed', 'settle', 'json'],
    // The network that everybody knows, to compare with.
    defaults: { recipe: 'tutorial' },
    load: async () => (await import('./bench.js')).bench,
  },
  {
    name: 'doctor',
    summary: 'what this machine has: backends, threads, memory, inotify limit, store health',
    options: [
      ...folderKeys,
      'threads',
      'precision',
      'size',
      'batchSize',
      'recipe',
      'bench',
      'repair',
      'json',
    ],
    details:
      'It changes nothing unless --repair or --bench is given. Exit code 1: something in the store is wrong; 3: it is\nto be repaired, and another process holds it.',
    load: async () => (await import('./doctor.js')).doctor,
  },
];
