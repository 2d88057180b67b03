import { connect, type Socket } from 'node:net';
import { Observable } from 'rxjs';
import type { ModelRequest, PipelineEvent } from '../events.js';
import type { ControlRequest } from '../ui/controls.js';
import {
  type Hello,
  LineSplitter,
  type ModelAnswer,
  type ModelsRequest,
  type ToViewer,
} from './messages.js';

/** A program that runs elsewhere on this machine, as one of its viewers has it. */
export interface Attachment {
  readonly hello: Hello;
  /** All that happens from `hello` on; completes when the program or the connection ends. To be subscribed to once. */
  readonly events: Observable<PipelineEvent>;
  ask(request: ControlRequest): void;
  /** Waits for the answer; rejects with an AttachFailure when the program ends before it. */
  changeModel(request: ModelRequest): Promise<ModelAnswer>;
  /** Safe to call twice. */
  close(): void;
}

/** There is nobody to look at, or nobody any more. */
export class AttachFailure extends Error {
  constructor(
    readonly code: 'NOBODY_THERE' | 'OTHER_VERSION' | 'NO_ANSWER',
    message: string,
  ) {
    super(message);
    this.name = 'AttachFailure';
  }
}

/** @throws AttachFailure when no program listens there, or one that speaks differently. */
export async function attach(path: string, version: string): Promise<Attachment> {
  const socket = connect(path);
  const events: PipelineEvent[] = [];
  const replies = new Map<number, (answer: ModelAnswer) => void>();
  let onEvent = (event: PipelineEvent): void => void events.push(event);
  const hello = await new Promise<Hello>((resolve, reject) => {
    const nobody = () =>
      reject(new AttachFailure('NOBODY_THERE', `no nerveflow that is running listens at ${path}`));
    socket.once('error', nobody).once('close', nobody);
    const lines = new LineSplitter((line) => {
      const message = JSON.parse(line) as ToViewer;
      switch (message.type) {
        case 'hello':
          return resolve(message);
        case 'event':
          return onEvent(message.event);
        case 'reply':
          return replies.get(message.id)?.(message.answer);
      }
    });
    socket.setEncoding('utf8').on('data', (text: string) => lines.add(text));
  });
  socket.on('error', () => socket.destroy());
  if (hello.version !== version) {
    socket.destroy();
    throw new AttachFailure(
      'OTHER_VERSION',
      `process ${hello.pid} is nerveflow ${hello.version}, this is ${version}; attach with the same`,
    );
  }
  const write = (request: ControlRequest | ModelsRequest) =>
    void socket.write(`${JSON.stringify(request)}\n`);
  return {
    hello,
    events: new Observable((subscriber) => {
      for (const event of events.splice(0)) subscriber.next(event);
      onEvent = (event) => subscriber.next(event);
      whenClosed(socket, () => subscriber.complete());
    }),
    ask: write,
    changeModel: (request) =>
      new Promise((resolve, reject) => {
        const id = replies.size;
        replies.set(id, resolve);
        const message = `process ${hello.pid} ended before it answered; nerveflow models tells how things are`;
        whenClosed(socket, () => reject(new AttachFailure('NO_ANSWER', message)));
        write({ type: 'models', id, ...request });
      }),
    close: () => void socket.destroy(),
  };
}

function whenClosed(socket: Socket, then: () => void): void {
  if (socket.closed) then();
  else socket.once('close', then);
}
