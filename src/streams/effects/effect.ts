import { filter, type Observable } from 'rxjs';
import type { Compute } from '../../compute/compute.js';
import type { PipelineEvent } from '../../events.js';
import type { Settings } from '../../settings/options.js';
import type { Catalog } from '../../store/catalog.js';
import type { ModelRegistry } from '../../store/model-registry.js';
import type { StorePaths } from '../../store/store-paths.js';
import type { CacheToModel } from '../cache-to-model.js';
import type { Command, FlowEvent, FlowState } from '../coordinator/state.js';
import type { ExportKeeper } from '../exports/export-keeper.js';
import type { ImagesToCache } from '../images-to-cache.js';
import type { PipelineTiming } from '../pipeline-context.js';
import type { Predictor } from '../prediction/predictor.js';
import type { Tally } from '../tally.js';

/** What carries commands out, or looks after something by itself. What comes of it are events again. */
export type Effect = (flow: Flow) => Observable<FlowEvent>;

/** Everything that effects work with. */
export interface Flow {
  readonly commands$: Observable<Command>;
  readonly state$: Observable<FlowState> & { readonly value: FlowState };
  readonly intake: ImagesToCache;
  readonly cacheToModel: CacheToModel;
  /** Aborted: the training in hand saves what it needs to go on, and ends. */
  readonly stopping: AbortController;
  readonly registry: ModelRegistry;
  readonly predictor: Predictor;
  readonly exports: ExportKeeper;
  readonly compute: Compute;
  readonly catalog: Catalog;
  readonly paths: StorePaths;
  readonly settings: Settings;
  readonly timing: PipelineTiming;
  readonly events$: Observable<PipelineEvent>;
  readonly tally: Tally;
  readonly emit: (event: PipelineEvent) => void;
}

/** The commands of one kind. */
export function commandsTo<Kind extends Command['do']>(
  commands$: Observable<Command>,
  kind: Kind,
): Observable<Extract<Command, { do: Kind }>> {
  return commands$.pipe(
    filter((command): command is Extract<Command, { do: Kind }> => command.do === kind),
  );
}
