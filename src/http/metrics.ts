import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { App } from '../app.js';
import type { SearchAnswer } from '../services/search/types.js';

export interface Metrics {
  readonly registry: Registry;
  observeRequest(route: string, status: number, seconds: number): void;
}

/** Prometheus metrics of one server, with its own registry, so that several servers in a process do not collide. */
export function createMetrics(app: App): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'likeness_http_request_seconds',
    help: 'Duration of HTTP requests by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const stages = new Histogram({
    name: 'likeness_search_stage_seconds',
    help: 'Duration of searches by stage',
    labelNames: ['stage'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  app.search.onAnswer = ({ timings }: SearchAnswer) => {
    for (const [stage, ms] of Object.entries(timings))
      stages.observe({ stage: stage.replace(/Ms$/, '') }, ms / 1000);
  };
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read());
      },
    });
  };
  gauge('likeness_index_vectors', 'Searchable vectors', async () => (await app.index.status()).size);
  gauge(
    'likeness_index_unsaved_changes',
    'Changes since the newest snapshot',
    async () => (await app.index.status()).unsavedChanges,
  );
  gauge(
    'likeness_index_recall',
    'Share of the ten nearest vectors that searches find, 0 to 1; NaN until measured',
    async () => (await app.index.status()).recall?.value ?? NaN,
  );
  gauge(
    'likeness_index_strays',
    'Vectors that cannot be reached through the graph; searches compare each of them',
    async () => (await app.index.status()).recall?.strays ?? NaN,
  );
  gauge(
    'likeness_media_unknown_files',
    'Picture files in the media folder that belong to no picture, as of the last count',
    () => app.mediaCheck.state?.unknownFiles ?? 0,
  );
  gauge(
    'likeness_media_missing_files',
    'Pictures whose file was missing, as of the last count',
    () => app.mediaCheck.state?.missingFiles ?? 0,
  );
  gauge('likeness_embed_queue', 'Pictures waiting for a worker', () => app.embedder.status().queued);
  gauge('likeness_embed_running', 'Pictures in the workers', () => app.embedder.status().running);
  gauge(
    'likeness_queue_bytes',
    'Bytes of pictures in memory, waiting for a worker or in one',
    () => app.memory.held,
  );
  gauge('likeness_worker_restarts', 'Workers that died', () => app.embedder.status().restarts);
  new Gauge({
    name: 'likeness_model_switch_pictures_left',
    help: 'Pictures without a vector or a recorded reason in the space that will serve next; 0 if there is none',
    registers: [registry],
    async collect() {
      const state = await app.modelSwitch.state();
      this.set(state === null ? 0 : state.total - state.embedded - state.failed);
    },
  });
  return {
    registry,
    observeRequest: (route, status, seconds) => requests.observe({ route, status: String(status) }, seconds),
  };
}
