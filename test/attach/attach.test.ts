import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Attachment, attach } from '../../src/attach/attachment.js';
import type { ModelAnswer } from '../../src/attach/messages.js';
import { makeSocketFolder, socketPathOf } from '../../src/attach/socket-path.js';
import { ViewerServer } from '../../src/attach/viewer-server.js';
import type { ModelRequest, PipelineEvent } from '../../src/events.js';
import type { ControlRequest } from '../../src/ui/controls.js';
import { epoch, failed, preview, ready, step, trainStarted } from '../support/events.js';
import { removeFolder } from '../support/temporary-folder.js';

const about = { version: '0.1.0', pid: 4711, command: 'watch' };
let store: string;
let path: string;
let events: Subject<PipelineEvent>;
let onRequest: ReturnType<typeof vi.fn<(request: ControlRequest) => void>>;
let onModelRequest: ReturnType<typeof vi.fn<(request: ModelRequest) => Promise<ModelAnswer>>>;
let server: ViewerServer;
const attached: Attachment[] = [];

function serve(): ViewerServer {
  return new ViewerServer({ path, events, about, onRequest, onModelRequest });
}

async function look(version = about.version): Promise<Attachment> {
  const attachment = await attach(path, version);
  attached.push(attachment);
  return attachment;
}

/** What a viewer hears, as it comes. */
function heard({ events: all }: Attachment): PipelineEvent[] {
  const events: PipelineEvent[] = [];
  all.subscribe((event) => events.push(event));
  return events;
}

beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), 'attach-'));
  path = socketPathOf(store);
  events = new Subject();
  onRequest = vi.fn();
  onModelRequest = vi.fn();
  server = serve();
  await server.listen();
});

afterEach(async () => {
  for (const attachment of attached.splice(0)) attachment.close();
  await server.close();
  removeFolder(store);
});

describe('looking on from another process', () => {
  it('who comes late knows all that the others know, and hears what follows', async () => {
    const early = await look();
    const early$ = heard(early);
    const before = [ready(), trainStarted(), step(1, 3), epoch(1), preview('7'), failed()];
    for (const event of before) events.next(event);
    const late = await look();
    expect(late.hello).toMatchObject({ ...about, state: { ready: { backend: 'wasm' } } });
    expect(late.hello.state.training).toMatchObject({ status: 'running', best: 0.58 });
    expect(late.hello.state.previews.map(({ id }) => id)).toEqual(['7']);
    expect(late.hello.state.failures.total).toBe(1);
    const late$ = heard(late);
    events.next(epoch(2));
    await vi.waitFor(() => expect(late$).toEqual([epoch(2)]));
    await vi.waitFor(() => expect(early$).toEqual([...before, epoch(2)]));
  });

  it('only its owner may, and the socket goes with the program', async () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    const { events: all } = await look();
    const ended = vi.fn();
    all.subscribe({ complete: ended });
    await server.close();
    await vi.waitFor(() => expect(ended).toHaveBeenCalled());
    expect(existsSync(path)).toBe(false);
    await expect(look()).rejects.toMatchObject({ code: 'NOBODY_THERE' });
  });

  it('a socket that a killed program left is no obstacle, and nobody is there', async () => {
    await server.close();
    writeFileSync(path, '');
    await expect(look()).rejects.toMatchObject({ code: 'NOBODY_THERE' });
    server = serve();
    await server.listen();
    expect((await look()).hello.pid).toBe(4711);
  });

  it('another version is told, not misunderstood', async () => {
    await expect(look('9.9.9')).rejects.toThrow('process 4711 is nerveflow 0.1.0, this is 9.9.9');
  });

  it('asks, and nothing but what may be asked', async () => {
    const viewer = await look();
    viewer.ask({ type: 'pause', paused: true });
    viewer.ask({ type: 'quit' } as unknown as ControlRequest);
    viewer.ask({ type: 'train' });
    await vi.waitFor(() => expect(onRequest).toHaveBeenCalledTimes(2));
    expect(onRequest.mock.calls).toEqual([[{ type: 'pause', paused: true }], [{ type: 'train' }]]);
    const rude = connect(path);
    const gone = new Promise((resolve) => rude.on('close', resolve));
    rude.on('error', () => {});
    rude.write(`not json\n${'x'.repeat(100_000)}`);
    rude.resume();
    await gone;
    expect(onRequest).toHaveBeenCalledTimes(2);
  });

  it('who asks for another model is answered, and nobody else is', async () => {
    const event = { type: 'model.used', modelId: 'a', previous: 'b' } as const;
    const refused = { ok: false, failure: { code: 'MODEL_KEPT', message: 'it is kept' } } as const;
    onModelRequest.mockImplementation(async ({ verb }) =>
      verb === 'use' ? { ok: true, value: event } : refused,
    );
    const [asking, other] = [await look(), await look()];
    const heard$ = heard(asking);
    const answers = [
      asking.changeModel({ verb: 'remove', model: 'c' }),
      asking.changeModel({ verb: 'use', model: 'a' }),
    ];
    expect(await Promise.all(answers)).toEqual([refused, { ok: true, value: event }]);
    onModelRequest.mockResolvedValue(refused);
    expect(await other.changeModel({ verb: 'use', model: 'a' })).toEqual(refused);
    expect(heard$).toEqual([]);
    expect(onRequest).not.toHaveBeenCalled();
  });

  it('a program that ends before it answers is told as such', async () => {
    onModelRequest.mockReturnValue(new Promise(() => {}));
    const answer = (await look()).changeModel({ verb: 'use', model: 'a' });
    await vi.waitFor(() => expect(onModelRequest).toHaveBeenCalled());
    void server.close();
    await expect(answer).rejects.toMatchObject({ code: 'NO_ANSWER' });
  });

  it('who does not keep up is dropped, and the others hear all', async () => {
    const slow = connect(path);
    slow.on('error', () => {});
    slow.pause();
    const good = await look();
    const good$ = heard(good);
    await vi.waitFor(() => expect(server.viewers).toBe(2));
    const long = failed({ message: 'm'.repeat(100_000) });
    const rounds = 200;
    for (let round = 1; round <= rounds; round++) {
      events.next(long);
      // A viewer that reads gets the time to.
      if (round % 20 === 0) await vi.waitFor(() => expect(good$.length).toBe(round));
    }
    await vi.waitFor(() => expect(server.viewers).toBe(1));
    expect(good$.length).toBe(rounds);
    slow.destroy();
  });
});

it('a viewer that reads nothing does not keep the program from ending', async () => {
  const stuck = connect(path);
  stuck.on('error', () => {});
  stuck.pause();
  await vi.waitFor(() => expect(server.viewers).toBe(1));
  for (let round = 0; round < 20; round++) events.next(failed({ message: 'm'.repeat(100_000) }));
  await server.close();
  await vi.waitFor(() => expect(server.viewers).toBe(0));
  stuck.destroy();
});

describe("the socket's place", () => {
  it('is in the store, or where that is too long, in a folder that is ours', () => {
    expect(socketPathOf('/s')).toBe('/s/attach/socket');
    const deep = socketPathOf(`/${'deep/'.repeat(40)}`);
    expect(Buffer.byteLength(deep)).toBeLessThan(100);
    expect(deep.startsWith(tmpdir())).toBe(true);
    expect(socketPathOf(`/${'deep/'.repeat(41)}`)).not.toBe(deep);
  });

  it.runIf(process.getuid?.() === 0)("somebody else's folder is refused", async () => {
    const { chownSync } = await import('node:fs');
    chownSync(store, 12_345, 12_345);
    expect(() => makeSocketFolder(join(store, 'socket'))).toThrow('somebody else');
  });
});
