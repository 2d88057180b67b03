import { Subject } from 'rxjs';
import type { PipelineEvent } from '../../src/events.js';
import type { Settings } from '../../src/settings/options.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { CatalogSource } from '../../src/web/catalog-source.js';
import { WebServer } from '../../src/web/server.js';
import type { StaticFiles } from '../../src/web/static-files.js';
import { Thumbnails } from '../../src/web/thumbnails.js';
import type { RawFolder } from '../support/raw-folder.js';
import { testSettings } from '../support/test-settings.js';

export interface Serving {
  readonly flags?: Partial<Record<keyof Settings, unknown>>;
  readonly files?: StaticFiles;
  readonly token?: string;
}

/** A real store, served on a free port; events are the test's to send. */
export class ServedStore {
  readonly events$ = new Subject<PipelineEvent>();

  private constructor(
    readonly store: OpenStore,
    readonly server: WebServer,
    readonly port: number,
  ) {}

  static async start(folder: RawFolder, serving: Serving = {}): Promise<ServedStore> {
    const store = await openStore(folder.store, 'test');
    const thumbnails = await Thumbnails.open(store.paths.thumbnails);
    const settings = testSettings(folder, serving.flags);
    const events$ = new Subject<PipelineEvent>();
    const source = new CatalogSource({ store, settings, events$, command: 'watch', thumbnails });
    const { files = new Map(), token = null } = serving;
    const server = new WebServer({ source, files, token });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const served = new ServedStore(store, server, port);
    served.events$.subscribe(events$);
    return served;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async get(path: string, init?: RequestInit): Promise<Response> {
    return await fetch(this.url(path), { redirect: 'manual', ...init });
  }

  async json<T>(path: string): Promise<T> {
    return (await (await this.get(`/api/v1/${path}`)).json()) as T;
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.store.close();
  }
}
