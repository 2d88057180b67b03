import { z } from 'zod';
import type { ListenAddress } from '../listen-address.js';
import { choiceOption, option, switchOption } from '../option-spec.js';
import { listenAddress } from '../option-values.js';

/** How events are told. */
export const logOptions = {
  json: switchOption('--json', 'print one event a line on stdout'),
  plain: switchOption('--plain', 'print a plain log, no dashboard'),
  ascii: switchOption('--ascii', 'draw the dashboard in ASCII only'),
  pictures: choiceOption(
    '--pictures',
    '<how>',
    ['auto', 'kitty', 'iterm2', 'sixel', 'blocks', 'off'],
    'how the dashboard draws what the model sees: auto asks the terminal, else half-blocks',
    'auto',
  ),
} as const;

/** Who looks on from elsewhere. */
export const lookingOptions = {
  metrics: option<ListenAddress | null>({
    flag: '--metrics',
    argument: '<[host:]port>',
    describe: 'serve numbers for Prometheus there; a bare port is on 127.0.0.1 (default: off)',
    takes: 'a port from 0 to 65535, or HOST:PORT, e.g. 9464 or 0.0.0.0:9464',
    schema: listenAddress,
    fallback: null,
  }),
  web: option<ListenAddress | null>({
    flag: '--web',
    argument: '<[host:]port>',
    describe: 'serve the web page there; a bare port is on 127.0.0.1 (default: off)',
    takes: 'a port from 0 to 65535, or HOST:PORT, e.g. 8420 or 0.0.0.0:8420',
    schema: listenAddress,
    fallback: null,
  }),
  webToken: option<string | null>({
    flag: '--web-token',
    argument: '<secret>',
    describe:
      'what the web page asks for before it shows anything; made at random for any address but loopback',
    takes: '16 to 128 letters, digits, - or _',
    schema: z.string().regex(/^[\w-]{16,128}$/),
    fallback: null,
  }),
  control: switchOption('--control', 'let the keys ask the program: pause, train, predict, retry'),
} as const;
