import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../../app.js';
import type { Config, Flags } from '../../config.js';
import { AppError, errorByCode } from '../../errors.js';
import type { Job, StartedJob } from '../../services/jobs.js';
import type { LibraryState } from '../../services/libraries/libraries.js';
import { followJob } from './follow-job.js';
import { JobDisplay } from './job-display.js';
import { ServerClient } from './server-client.js';
import { withApp } from './with-app.js';

export interface LibraryFacts {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly exclude: readonly string[];
  readonly present: number;
  readonly missing: number;
  readonly failed: number;
  readonly problem: string | null;
}

export type ScanFacts = Pick<Job, 'state' | 'added' | 'skipped' | 'failed'>;

interface Scanned {
  readonly library: LibraryFacts;
  readonly scanned: ScanFacts;
}

/** The libraries of a gallery, in a running server or in this process. */
export interface OpenLibraries {
  add(
    library: { root: string; name: string | undefined; tags: readonly string[]; exclude: readonly string[] },
    signal: AbortSignal,
  ): Promise<Scanned>;
  list(): Promise<LibraryFacts[]>;
  scan(id: number, adopt: boolean, signal: AbortSignal): Promise<Scanned>;
  /** @returns how many pictures went with it */
  remove(id: number, signal: AbortSignal): Promise<number>;
}

/** A running server does the work, otherwise this process. @throws whatever the task throws */
export async function withLibraries<Result>(
  config: Config,
  flags: Flags,
  task: (libraries: OpenLibraries) => Promise<Result>,
): Promise<Result> {
  const client = await ServerClient.find(config);
  return client === null
    ? withApp(flags, {}, (app) => task(ownLibraries(app)))
    : task(serversLibraries(client));
}

function ownLibraries({ libraries, jobs }: App): OpenLibraries {
  const facts = ({ id, name, root, tags, exclude, counts, problem }: LibraryState): LibraryFacts => ({
    id,
    name,
    path: root,
    tags,
    exclude,
    present: counts.PRESENT,
    missing: counts.MISSING,
    failed: counts.FAILED,
    problem: problem?.message ?? null,
  });
  const follow = async (id: number, started: StartedJob, signal: AbortSignal): Promise<Scanned> => {
    const scanned = succeeded(await followJob(jobs, started, 'scanning', signal));
    return { library: facts(await libraries.state(id)), scanned };
  };
  return {
    add: async (library, signal) => {
      const { library: added, started } = await libraries.add(library);
      return follow(added.id, started, signal);
    },
    list: async () => (await libraries.states()).map(facts),
    scan: async (id, adopt, signal) => follow(id, await libraries.scan(id, adopt), signal),
    remove: async (id, signal) =>
      succeeded(await followJob(jobs, await libraries.remove(id), 'removing', signal)).added,
  };
}

const LIBRARY = 'id name path tags exclude presentCount missingCount failedCount problem';
type ServersLibrary = Omit<LibraryFacts, 'id' | 'present' | 'missing' | 'failed'> & {
  readonly id: string;
  readonly presentCount: number;
  readonly missingCount: number;
  readonly failedCount: number;
};

const factsOf = ({
  id,
  presentCount,
  missingCount,
  failedCount,
  ...facts
}: ServersLibrary): LibraryFacts => ({
  ...facts,
  id: Number(id.replace('library-', '')),
  present: presentCount,
  missing: missingCount,
  failed: failedCount,
});

function serversLibraries(client: ServerClient): OpenLibraries {
  const list = async (): Promise<LibraryFacts[]> => {
    const { libraries } = await client.request<{ libraries: { edges: { node: ServersLibrary }[] } }>(
      `{ libraries(first: 500) { edges { node { ${LIBRARY} } } } }`,
    );
    return libraries.edges.map(({ node }) => factsOf(node));
  };
  const follow = async (id: number, jobId: string, signal: AbortSignal): Promise<Scanned> => {
    const scanned = await followOnServer(client, jobId, 'scanning', signal);
    const library = (await list()).find((one) => one.id === id);
    if (library === undefined) throw new AppError('LIBRARY_NOT_FOUND', 'The library was removed meanwhile.');
    return { library, scanned };
  };
  return {
    list,
    add: async ({ root, name, tags, exclude }, signal) => {
      const { addLibrary } = await client.request<{
        addLibrary: { library: { id: string }; job: { id: string } };
      }>(
        `mutation ($path: String!, $name: String, $tags: [String!], $exclude: [String!]) {
          addLibrary(path: $path, name: $name, tags: $tags, exclude: $exclude) { library { id } job { id } } }`,
        { path: root, name, tags, exclude },
      );
      return follow(Number(addLibrary.library.id.replace('library-', '')), addLibrary.job.id, signal);
    },
    scan: async (id, adopt, signal) => {
      const { scanLibrary } = await client.request<{ scanLibrary: { job: { id: string } } }>(
        'mutation ($id: ID!, $adopt: Boolean) { scanLibrary(id: $id, adopt: $adopt) { job { id } } }',
        { id: `library-${id}`, adopt },
      );
      return follow(id, scanLibrary.job.id, signal);
    },
    remove: async (id, signal) => {
      const { removeLibrary } = await client.request<{ removeLibrary: { job: { id: string } } }>(
        'mutation ($id: ID!) { removeLibrary(id: $id) { job { id } } }',
        { id: `library-${id}` },
      );
      return (await followOnServer(client, removeLibrary.job.id, 'removing', signal)).added;
    },
  };
}

const EVERY_MS = 300;

type ServersJob = ScanFacts & Pick<Job, 'done' | 'total' | 'failures' | 'code' | 'message' | 'finishedAt'>;

/** Shows a job of the server until it ends; an interrupt ends only the display. */
async function followOnServer(
  client: ServerClient,
  id: string,
  what: string,
  signal: AbortSignal,
): Promise<ScanFacts> {
  const display = new JobDisplay(what);
  try {
    for (;;) {
      const answer = await client.poll<{ job: ServersJob | null }>(
        `query ($id: ID!) { job(id: $id) {
          state done total added skipped failed code message finishedAt failures { path code message } } }`,
        { id },
      );
      if (answer?.job === null)
        throw new AppError('SHUTTING_DOWN', 'The server was restarted; it scans again.');
      if (answer !== null) {
        display.failures(answer.job.failures);
        display.counts(answer.job);
        if (answer.job.finishedAt !== null) return succeeded(answer.job);
        if (signal.aborted) return answer.job;
      }
      await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    display.stop();
  }
}

/** @throws the failure of a job that failed */
function succeeded<J extends Pick<Job, 'state' | 'code' | 'message'>>(job: J): J {
  if (job.state === 'FAILED') throw errorByCode(job.code, job.message ?? 'It failed.');
  return job;
}
