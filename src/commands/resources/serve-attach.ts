import { socketPathOf } from '../../attach/socket-path.js';
import { ViewerServer } from '../../attach/viewer-server.js';
import { carryOut } from '../../ui/controls.js';
import { version } from '../../version.js';
import type { EventReader, EventStream } from './event-stream.js';
import type { FlowControls } from './flow-controls.js';

/** Lets `nerveflow attach` look on; where there can be no socket, the program runs without. */
export async function serveAttach(
  store: string,
  command: string,
  stream: EventStream,
  controls: FlowControls,
): Promise<EventReader> {
  const server = new ViewerServer({
    path: socketPathOf(store),
    events: stream.events$,
    about: { version, pid: process.pid, command },
    onRequest: (request) => carryOut(request, controls),
    onModelRequest: controls.changeModel,
  });
  try {
    await server.listen();
  } catch (error) {
    const message = `nerveflow attach is not possible: ${(error as Error).message}`;
    stream.emitAfterFirst({ type: 'notice', level: 'info', code: 'NO_VIEWERS', message });
  }
  return server;
}
