import './no-telemetry.js';
import { serveJobs, type Note, type WorkerService } from '../lib/worker-pool/worker-process.js';
import type { EmbedAnswer, EmbedInit, EmbedJob, EmbedNotice } from '../services/embedding/protocol.js';
import { configureDecoder } from '../services/media/decode.js';
import { readFacts } from '../services/media/facts/read-facts.js';
import { PictureEmbedder } from './picture-embedder.js';
import { ModelRunner } from './model-runner.js';

/**
 * Embeds pictures. Each is decoded as soon as it arrives, on libuv's 4 threads (one more than the pool's window); the
 * models run in a separate thread, one picture after the other in order of arrival.
 */
async function start(
  init: EmbedInit,
  note: Note,
): Promise<WorkerService<EmbedJob, EmbedAnswer, EmbedNotice>> {
  // One thread per picture: with several pictures in progress, more would only compete with the model's.
  configureDecoder({ threads: 1 });
  const { runner, ready } = await ModelRunner.start(init, note);
  const pictures = new PictureEmbedder(runner, init);
  return {
    ready,

    async run(job, body, signal) {
      switch (job.kind) {
        case 'embed':
          return pictures.embed(job, body, signal);
        case 'facts':
          return { kind: 'facts', value: readFacts(body, job.options) };
        case 'patchMap':
          return { kind: 'patchMap', value: await pictures.patches(job.spaceId).map(body, signal) };
        case 'explain': {
          const value = await pictures.patches(job.spaceId).explain(body, job.queryBytes, signal);
          return { kind: 'explain', value };
        }
      }
    },

    heed(notice) {
      switch (notice.kind) {
        case 'open':
          return pictures.open(notice.model);
        case 'close':
          return pictures.close(notice.spaceId);
      }
    },
  };
}

serveJobs<EmbedInit, EmbedJob, EmbedAnswer, EmbedNotice>(start);
