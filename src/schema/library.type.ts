import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { LibraryFileRow } from '../services/catalog/library-types.js';
import type { LibraryState } from '../services/libraries/libraries.js';
import type { LibraryProblemCode } from '../services/libraries/marker.js';
import { Job } from './job.type.js';
import { Node } from './node.type.js';
import { PageInfo } from './page-info.type.js';
import { GraphQLDateTime } from './scalars.js';

export enum LibraryStatus {
  READY = 'READY',
  SCANNING = 'SCANNING',
  UNAVAILABLE = 'UNAVAILABLE',
}
registerEnumType(LibraryStatus, {
  name: 'LibraryStatus',
  description: 'Whether the folder of a library can be scanned.',
  valuesConfig: {
    READY: { description: 'The gallery matches the folder as of the last scan.' },
    SCANNING: { description: 'The folder is available, and a scan is running or waiting for its turn.' },
    UNAVAILABLE: {
      description:
        'The folder is not what it was, for instance because its disk is not mounted. Its pictures stay.',
    },
  },
});

export enum LibraryProblem {
  FOLDER_MISSING = 'FOLDER_MISSING',
  UNREADABLE = 'UNREADABLE',
  EMPTY = 'EMPTY',
  MARKER_MISSING = 'MARKER_MISSING',
  MARKER_FOREIGN = 'MARKER_FOREIGN',
}
registerEnumType(LibraryProblem, {
  name: 'LibraryProblem',
  description: 'Why the folder of a library cannot be scanned.',
  valuesConfig: {
    FOLDER_MISSING: { description: 'There is no such folder. Its disk may not be mounted.' },
    UNREADABLE: { description: 'The folder, or its marker file, cannot be read.' },
    EMPTY: { description: 'The folder is empty and has no marker file. Its disk may not be mounted.' },
    MARKER_MISSING: {
      description:
        'The folder has files, but not the marker file. If it is the right folder, `scanLibrary` with `adopt` accepts it.',
    },
    MARKER_FOREIGN: {
      description:
        'The marker file is that of another library. If it is the right folder, `scanLibrary` with `adopt` accepts it.',
    },
  },
});

@ObjectType({
  description:
    'A folder whose pictures are in the gallery and stay where they are. Its files are never changed.',
  implements: Node,
  simpleResolvers: true,
})
export class Library {
  @Field(() => ID, { description: 'Begins with `library-`.' })
  id!: string;

  @Field(() => String, { description: 'At most 100 characters; the name of the folder by default.' })
  name!: string;

  @Field(() => String, { description: 'Absolute path of the folder on the server.' })
  path!: string;

  @Field(() => [String], { description: 'Tags that new pictures of the library get.' })
  tags!: readonly string[];

  @Field(() => [String], { description: 'Files and folders that are left out, as .gitignore patterns.' })
  exclude!: readonly string[];

  @Field(() => LibraryStatus, { description: 'Whether the folder can be scanned.' })
  status!: LibraryStatus;

  @Field(() => String, {
    nullable: true,
    description: 'Why the folder cannot be scanned, as an English sentence. Null when it can.',
  })
  problem!: string | null;

  @Field(() => LibraryProblem, {
    nullable: true,
    description: 'The problem as a code. Null when the folder can be scanned.',
  })
  problemCode!: LibraryProblemCode | null;

  @Field(() => Boolean, {
    description: 'Whether changes are noticed at once. Otherwise they are found by the next scan.',
  })
  isWatched!: boolean;

  @Field(() => Int, { description: 'Picture files that are present.' })
  presentCount!: number;

  @Field(() => Int, { description: 'Picture files that are gone and exist nowhere else.' })
  missingCount!: number;

  @Field(() => Int, { description: 'Files that could not be added; see `failures`.' })
  failedCount!: number;

  @Field(() => Job, {
    nullable: true,
    description: 'The scan that is running or waiting. Null when there is none.',
  })
  scan!: Job | null;

  @Field(() => Job, {
    nullable: true,
    description: 'The removal that is running or waiting. Null when there is none.',
  })
  removal!: Job | null;

  @Field(() => GraphQLDateTime, { description: 'When the library was added.' })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the last scan of the whole folder ended. Null until then.',
  })
  scannedAt!: Date | null;
}

@ObjectType({ description: 'A file of a library that could not be added.', simpleResolvers: true })
export class LibraryFailure {
  @Field(() => String, { description: 'Relative to the folder of the library.' })
  path!: string;

  @Field(() => String, { description: 'Error code, as in `extensions.code` of a GraphQL error.' })
  code!: string;

  @Field(() => String, { description: 'What is wrong with it, as an English sentence.' })
  message!: string;
}

@ObjectType({ description: 'A library together with its position in the list.', simpleResolvers: true })
export class LibraryEdge {
  @Field(() => String, { description: 'Opaque; pass it as `after` or `before`.' })
  cursor!: string;

  @Field(() => Library, { description: 'The library at this position.' })
  node!: Library;
}

@ObjectType({
  description: 'One page of libraries, as in the Relay connection specification.',
  simpleResolvers: true,
})
export class LibraryConnection {
  @Field(() => [LibraryEdge], { description: 'The libraries of this page, in the order they were added.' })
  edges!: LibraryEdge[];

  @Field(() => PageInfo, { description: 'Where this page begins and ends, and whether more follow.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many libraries there are, over all pages.' })
  totalCount!: number;
}

@ObjectType({ description: 'Where a library has the file of a picture.', simpleResolvers: true })
export class Place {
  @Field(() => ID, { description: 'As in `Library.id` and `GalleryFilter.library`.' })
  libraryId!: string;

  @Field(() => String, { description: 'Name of the library.' })
  libraryName!: string;

  @Field(() => String, { description: 'Relative to the folder of the library, separated by `/`.' })
  path!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Absolute path on the server. Null for visitors; only administrators see such paths.',
  })
  absolutePath!: string | null;

  @Field(() => Boolean, { description: 'Whether the file was present when the library was last checked.' })
  isPresent!: boolean;
}

const PREFIX = 'library-';

export const libraryId = (id: number): string => `${PREFIX}${id}`;

/** Null when it cannot be the id of a library. */
export function parseLibraryId(id: string): number | null {
  return /^library-[1-9]\d{0,9}$/.test(id) ? Number(id.slice(PREFIX.length)) : null;
}

function statusOf({ problem, scan }: LibraryState): LibraryStatus {
  if (problem !== null) return LibraryStatus.UNAVAILABLE;
  return scan === null ? LibraryStatus.READY : LibraryStatus.SCANNING;
}

export function toLibrary(library: LibraryState): Library {
  const { id, root, counts, scan, removal, problem, ...state } = library;
  const { name, tags, exclude, isWatched, createdAt, scannedAt } = state;
  return {
    id: libraryId(id),
    name,
    path: root,
    tags,
    exclude,
    status: statusOf(library),
    problem: problem?.message ?? null,
    problemCode: problem?.code ?? null,
    isWatched,
    presentCount: counts.PRESENT,
    missingCount: counts.MISSING,
    failedCount: counts.FAILED,
    scan,
    removal,
    createdAt,
    scannedAt,
  };
}

export const toFailure = ({ path, failure }: LibraryFileRow): LibraryFailure => ({
  path,
  code: failure?.code ?? '',
  message: failure?.message ?? '',
});
