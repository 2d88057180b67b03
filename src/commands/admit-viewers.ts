import { socketPathOf } from '../attach/socket-path.js';
import { ViewerServer } from '../attach/viewer-server.js';
import { type Controls, carryOut } from '../ui/controls.js';
import type { Reporting } from './reporting.js';
import { version } from './version.js';

/** Lets `nerveflow attach` look on; where there can be no socket, the program runs without. */
export async function admitViewers(
  store: string,
  command: string,
  { events$, emit }: Pick<Reporting, 'events$' | 'emit'>,
  controls: Controls,
): Promise<{ close(): Promise<void> }> {
  const server = new ViewerServer({
    path: socketPathOf(store),
    events: events$,
    about: { version, pid: process.pid, command },
    onRequest: (request) => carryOut(request, controls),
  });
  try {
    await server.listen();
  } catch (error) {
    const message = `nerveflow attach is not possible: ${(error as Error).message}`;
    // Nobody listens before the first event.
    const subscription = events$.subscribe(() => {
      subscription.unsubscribe();
      emit({ type: 'notice', level: 'info', code: 'NO_VIEWERS', message });
    });
  }
  return server;
}
