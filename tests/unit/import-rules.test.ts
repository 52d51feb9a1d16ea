import { describe, expect, test } from '@jest/globals';
import { lint, type Snippet } from '../helpers/lint.js';

interface Case extends Snippet {
  /** Number of the rule that must be named; null when nothing may be said. */
  readonly rule: number | null;
}

const importing = (path: string, source: string, rule: number | null): Case => ({
  path,
  code: `import { thing } from '${source}';\nexport const used = thing;\n`,
  rule,
});
const importingType = (path: string, source: string, rule: number | null): Case => ({
  path,
  code: `import type { Thing } from '${source}';\nexport type Used = Thing;\n`,
  rule,
});
const loading = (path: string, source: string, rule: number | null): Case => ({
  path,
  code: `export const loaded = import('${source}');\n`,
  rule,
});
const running = (path: string, code: string, rule: number | null): Case => ({
  path,
  code: `${code}\n`,
  rule,
});

const SNIPPETS: readonly Case[] = [
  importing('src/lib/new.ts', '../config.js', 1),
  importing('src/lib/new.ts', '../services/search.js', 1),
  importing('src/logger.ts', './config.js', 1),
  importing('src/errors.ts', './logger.js', 1),
  importing('src/lib/new.ts', '../errors.js', null),
  importing('src/lib/new.ts', './check.js', null),
  importing('src/lib/worker-pool/new.ts', '../../logger.js', 1),
  importing('src/lib/worker-pool/new.ts', '../../errors.js', null),
  importing('src/lib/worker-pool/new.ts', '../on-abort.js', null),

  importing('src/services/new.ts', '../schema/scalars.js', 2),
  importing('src/services/new.ts', '../config.js', 2),
  importing('src/services/new.ts', 'graphql', 2),
  importing('src/services/media/new.ts', 'type-graphql', 2),
  importing('src/services/catalog/new.ts', '@apollo/server', 2),
  importing('src/services/embedding/new.ts', 'node:http', 2),
  importingType('src/services/new.ts', '../app.js', 2),
  importing('src/services/new.ts', '../lib/check.js', null),

  importing('src/services/catalog/new.ts', '../media/media-store.js', 3),
  importing('src/services/embedding/new.ts', '../vector-index/open.js', 3),
  importing('src/services/media/new.ts', '../embedding/model.js', 3),
  importing('src/services/vector-index/new.ts', '../catalog/catalog.js', 3),
  importing('src/services/vector-index/new.ts', '../search/search.js', 3),
  importing('src/services/media/new.ts', '../jobs.js', 3),
  importing('src/services/embedding/patches/new.ts', '../../catalog/catalog.js', 3),
  importingType('src/services/media/new.ts', '../embedding/types.js', null),
  importing('src/services/vector-index/new.ts', '../../lib/check.js', null),
  importing('src/services/embedding/patches/new.ts', '../model.js', null),

  importing('src/services/new.ts', '../workers/index-builder.js', 4),
  importing('src/workers/new.ts', '../services/catalog/catalog.js', 4),
  importing('src/workers/new.ts', '../services/media/media-store.js', 4),
  importing('src/workers/new.ts', '../config.js', 4),
  importing('src/workers/new.ts', '../services/media/decode.js', null),
  importing('src/workers/new.ts', '../services/media/facts/read-facts.js', null),
  importing('src/workers/new.ts', '../services/media/facts/blocks.js', 4),
  importing('src/workers/new.ts', '../services/embedding/protocol.js', null),

  importing('src/resolvers/new.ts', 'node:fs/promises', 5),
  importing('src/resolvers/new.ts', '@prisma/client', 5),
  importing('src/resolvers/new.ts', 'hnswlib-node', 5),
  importing('src/resolvers/new.ts', '../services/catalog/catalog.js', 5),
  importing('src/schema/new.ts', '../services/media/media-store.js', 5),
  importingType('src/resolvers/new.ts', '../services/catalog/types.js', null),
  importing('src/resolvers/new.ts', '../schema/ids.js', null),

  importing('src/app.ts', 'type-graphql', 6),
  importing('src/app.ts', './schema/build-schema.js', 6),
  importing('src/app.ts', './server.js', 6),
  importing('src/config.ts', './services/search.js', 6),
  importing('src/server.ts', './main.js', 6),
  importing('src/app.ts', './services/search.js', null),
  importing('src/server.ts', './schema/build-schema.js', null),

  importing('src/services/ingest.ts', 'sharp', 7),
  importing('src/services/media/media-store.ts', 'sharp', 7),
  importing('src/workers/new.ts', 'sharp', 7),
  importing('src/services/embedding/new.ts', 'onnxruntime-node', 7),
  importing('src/workers/new.ts', 'hnswlib-node', 7),
  importing('src/services/new.ts', '@libsql/client', 7),
  importing('src/lib/new.ts', 'libsql', 7),
  importing('src/services/catalog/new.ts', 'libsql', 7),
  importing('src/cli/new.ts', '../services/catalog/generated/client.js', 7),
  importing('src/services/media/decode.ts', 'sharp', null),
  importing('src/services/media/open-picture.ts', 'sharp', null),
  importing('src/services/media/open-picture.ts', '@imagemagick/magick-wasm', 7),
  importing('src/workers/magick-thread.ts', '@imagemagick/magick-wasm', null),
  importing('src/workers/new.ts', 'onnxruntime-node', null),
  importing('src/workers/index-builder.ts', 'hnswlib-node', null),
  importing('src/services/vector-index/new.ts', 'hnswlib-node', null),
  importing('src/services/catalog/new.ts', '@prisma/client', null),
  importing('src/lib/sqlite.ts', 'libsql', null),
  loading('src/services/new.ts', 'sharp', 7),
  loading('src/app.ts', './schema/build-schema.js', 6),

  importing('src/app.ts', './model-tools/hub/pull.js', 10),
  importing('src/services/gallery/new.ts', '../../model-tools/hub/pull.js', 10),
  importing('src/services/embedding/new.ts', '../../model-tools/probe.js', 10),
  importing('src/resolvers/new.ts', '../model-tools/hub/pull.js', 10),
  importing('src/workers/new.ts', '../model-tools/probe-protocol.js', 10),
  importing('src/cli/commands/new.ts', '../../model-tools/hub/pull.js', 10),
  importing('src/model-tools/onnx/new.ts', '../../services/catalog/catalog.js', 10),
  importing('src/model-tools/new.ts', '../config.js', 10),
  importing('src/services/models/new.ts', '../../model-tools/hub/pull.js', null),
  importing('src/cli/commands/models/new.ts', '../../../model-tools/hub/pull.js', null),
  importing('src/workers/probe-worker.ts', '../model-tools/probe-protocol.js', null),
  importing('src/model-tools/onnx/new.ts', '../../services/embedding/model.js', null),

  loading('src/services/new.ts', 'undici', 9),
  loading('src/services/new.ts', './new-parts.js', null),
  loading('src/http/new.ts', 'altair-static', null),

  running('src/services/new.ts', 'export const home = process.env.HOME;', 7),
  running('src/main.ts', 'export const home = process.env.HOME;', 7),
  running('src/config.ts', 'export const home = process.env.HOME;', null),
  running('src/server.ts', 'process.exit(1);', 7),
  running('src/main.ts', 'process.exit(1);', null),
  running('src/cli/main.ts', 'process.exit(1);', null),
  running('src/cli/new.ts', 'process.exit(1);', 7),
  running('src/http/new.ts', "console.log('x');", 7),
  running('src/cli/new.ts', "console.log('x');", null),
];

describe('the import rules of ARCHITECTURE.md', () => {
  const said = lint(SNIPPETS);

  test.each(SNIPPETS.map((snippet, index) => ({ ...snippet, line: snippet.code.split('\n')[0], index })))(
    '$path: $line -> rule $rule',
    ({ rule, index }) => {
      const messages = said[index]?.join('\n');
      if (rule === null) expect(messages).toBe('');
      else expect(messages).toContain(`import rule ${rule}:`);
    },
  );
});
