/**
 * Adds the pictures of a folder to the gallery, and every new one as it appears. Runs until Ctrl+C.
 *
 *     npx tsx scripts/watch-folder.ts ~/Pictures/Camera --tag camera
 */
import { parse } from 'node:path';
import { parseArgs } from 'node:util';
import { watch } from 'chokidar';
import { graphql } from '../src/gql';
import { DEFAULT_URL, folderOf, run } from './lib/command-line';
import { Likeness, pictureFile } from './lib/likeness';
import { isPicture } from './lib/pictures';

const AddWatchedPictureDocument = graphql(`
  mutation AddWatchedPicture($image: Upload!, $title: String!, $tags: [String!]!) {
    addToGallery(image: $image, title: $title, tags: $tags) {
      created
      image {
        id
        url
      }
    }
  }
`);

run(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string', default: DEFAULT_URL },
      tag: { type: 'string', multiple: true, default: [] },
    },
  });
  const folder = folderOf(positionals, 'watch-folder.ts <folder> [--tag …] [--url …]');
  const server = new Likeness(values.url);

  const add = async (path: string): Promise<void> => {
    const { addToGallery } = await server.request(AddWatchedPictureDocument, {
      image: await pictureFile(path),
      title: parse(path).name,
      tags: values.tag,
    });
    const { id, url } = addToGallery.image;
    const what = addToGallery.created ? 'added' : 'already there';
    process.stdout.write(`${path}: ${what}, ${new URL(url, values.url).href} (${id})\n`);
  };

  // One after the other: adding is never in a hurry, and searches come first.
  let last: Promise<void> = Promise.resolve();
  const watcher = watch(folder, {
    ignored: (path, stats) => stats?.isFile() === true && !isPicture(path),
    // A camera or a download writes for a while; half a picture would be refused.
    awaitWriteFinish: { stabilityThreshold: 1000, pollInterval: 200 },
  });
  watcher.on('add', (path) => {
    last = last
      .then(() => add(path))
      .catch((error: unknown) => void process.stderr.write(`${path}: ${(error as Error).message}\n`));
  });
  watcher.on('ready', () => process.stdout.write(`watching ${folder}\n`));

  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await watcher.close();
  await last;
  return 0;
});
