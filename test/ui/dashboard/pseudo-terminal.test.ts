import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IPty } from '@lydell/node-pty';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RealTerminal } from '../../support/real-terminal.js';
import { removeFolder } from '../../support/temporary-folder.js';

/**
 * The dashboard in a process of its own, at a real pseudo-terminal: raw mode, signals, window
 * size and the end of the process are those of the operating system.
 */
const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;

beforeAll(() => {
  // Inside the project, so that the built files find its packages.
  mkdirSync(join(root, 'build'), { recursive: true });
  folder = mkdtempSync(join(root, 'build', 'ui-'));
  const project = join(folder, 'tsconfig.json');
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        rootDir: join(root, 'src'),
        outDir: join(folder, 'dist'),
        incremental: false,
        sourceMap: false,
        typeRoots: [join(root, 'node_modules', '@types')],
      },
      include: [],
      files: [join(root, 'src', 'ui', 'dashboard', 'dashboard.ts')],
    }),
  );
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project]);
  writeFileSync(join(folder, 'program.mjs'), program);
}, 60_000);

afterAll(() => removeFolder(folder));

const program = `
import { Subject } from 'rxjs';
import { renderDashboard } from './dist/ui/dashboard/dashboard.js';
const events = new Subject();
let asked = 0;
const dashboard = renderDashboard({
  events,
  stdout: process.stdout,
  stdin: process.stdin,
  env: process.env,
  commands: {
    quit() {
      asked++;
      if (process.argv[2] === 'slow' && asked === 1) return;
      if (asked > 1) process.exit(130);
      events.next({ type: 'stopped', reason: 'interrupted' });
      events.complete();
      process.exitCode = 130;
    },
    pause(paused) { events.next({ type: 'paused', paused }); },
    train() { setTimeout(() => { throw new Error('nobody expected this'); }); },
    predictAgain() { process.exit(7); },
  },
});
events.next({ type: 'ready', backend: 'wasm', device: 'a CPU', threads: 1, raw: '/r', store: '/s', version: '0', skipped: [] });
setInterval(() => {}, 1000).unref();
`;

let session: IPty | undefined;
afterEach(() => session?.kill('SIGKILL'));

/** With the shell's prompt, from which the program is started, stopped and resumed. */
function startFromShell() {
  const shell = new RealTerminal(80, 24, ['--norc', '--noprofile', '--noediting', '-i'], 'bash');
  session = shell.pty;
  let written = '';
  shell.pty.onData((data) => {
    written += data;
  });
  shell.pty.write(`${process.execPath} ${join(folder, 'program.mjs')}\r`);
  return {
    shell,
    /** Whether the cursor was shown or hidden last. */
    hasCursor: () => written.lastIndexOf('\u001b[?25h') > written.lastIndexOf('\u001b[?25l'),
    pid: () => Number(execFileSync('pgrep', ['-P', String(shell.pty.pid)])),
  };
}

function start(columns: number, rows: number, ...args: string[]) {
  const terminal = new RealTerminal(columns, rows, [join(folder, 'program.mjs'), ...args]);
  session = terminal.pty;
  const { pty, emulator, ended } = terminal;
  return {
    pty,
    emulator,
    ended,
    screen: () => terminal.screen(),
    shows: (text: string | RegExp) => terminal.shows(text),
    alternate: () => terminal.onAlternateScreen,
  };
}

describe('at a real pseudo-terminal', () => {
  it('is drawn, follows keys and the window, and gives the terminal back', async () => {
    const { pty, emulator, ended, screen, shows, alternate } = start(80, 24);
    await shows('watching  looking what there is to do');
    expect(alternate()).toBe(true);
    pty.write(' ');
    await shows('paused');
    emulator.resize(120, 40);
    pty.resize(120, 40);
    await shows(/Pipeline.*What the model sees/);
    emulator.resize(44, 12);
    pty.resize(44, 12);
    await vi.waitFor(async () => expect((await screen()).split('\n')[10]).toContain('q quit'), {
      timeout: 10_000,
      interval: 20,
    });
    expect(await screen()).not.toContain('Log');
    pty.write('q');
    expect(await ended).toMatchObject({ exitCode: 130 });
    expect(alternate()).toBe(false);
    expect(await screen()).toMatch(/^\$ nerveflow\nnerveflow ran for \d+s\n/);
  });

  it('a second ctrl-c while it stops reaches the program', async () => {
    const { pty, ended, shows, alternate, screen } = start(80, 24, 'slow');
    await shows('watching');
    pty.write('\u0003');
    await shows('stopping');
    pty.write('\u0003');
    expect(await ended).toMatchObject({ exitCode: 130 });
    expect(alternate()).toBe(false);
    expect(await screen()).toContain('nerveflow ran for');
  });

  it('a crash leaves its trace on the normal screen', async () => {
    const { pty, ended, shows, alternate, screen } = start(120, 40);
    await shows('watching');
    pty.write('t');
    expect(await ended).toMatchObject({ exitCode: 1 });
    expect(alternate()).toBe(false);
    expect(await screen()).toContain('Error: nobody expected this');
  });

  it('process.exit and a signal give the terminal back too', async () => {
    const exits = start(80, 24);
    await exits.shows('watching');
    exits.pty.write('p');
    expect(await exits.ended).toMatchObject({ exitCode: 7 });
    expect(exits.alternate()).toBe(false);

    const killed = start(80, 24);
    await killed.shows('watching');
    killed.pty.kill('SIGTERM');
    await killed.ended;
    expect(killed.alternate()).toBe(false);
  });

  describe.skipIf(process.platform === 'win32')('from a shell', () => {
    const ways = {
      'ctrl-z': ({ shell }: ReturnType<typeof startFromShell>) => shell.pty.write('\u001a'),
      SIGTSTP: ({ pid }: ReturnType<typeof startFromShell>) => process.kill(pid(), 'SIGTSTP'),
    };

    it.each(
      Object.entries(ways),
    )('%s stops it, fg resumes, as often as one likes', async (_, stop) => {
      const run = startFromShell();
      const { shell, hasCursor } = run;
      await shell.shows('watching');
      for (let round = 0; round < 2; round++) {
        stop(run);
        await shell.shows(round === 0 ? 'Stopped' : /Stopped[\s\S]+Stopped/);
        expect(shell.onAlternateScreen).toBe(false);
        expect(hasCursor()).toBe(true);
        shell.resize(100 + round, 30);
        shell.pty.write('echo typed; fg\r');
        await shell.shows(round === 0 ? 'watching' : 'paused');
        expect(shell.onAlternateScreen).toBe(true);
        expect(hasCursor()).toBe(false);
        shell.pty.write(' ');
        await shell.shows(round === 0 ? 'paused' : 'watching');
      }
      shell.pty.write('q');
      await shell.shows('nerveflow ran for');
      expect(shell.onAlternateScreen).toBe(false);
    });

    it('goes on taking keys after a SIGSTOP', async () => {
      const { shell, pid } = startFromShell();
      await shell.shows('watching');
      process.kill(pid(), 'SIGSTOP');
      await shell.shows('Stopped');
      shell.pty.write('fg\r');
      await vi.waitFor(async () => expect(await shell.screen()).not.toContain('Stopped'), {
        timeout: 10_000,
      });
      await shell.shows('watching');
      shell.pty.write(' ');
      await shell.shows('paused');
    });
  });
});
