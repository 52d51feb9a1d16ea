import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { LibraryFileRow } from '../services/catalog/library-types.js';
import type { LibraryState } from '../services/libraries/libraries.js';
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
  description: 'Whether the folder of a library can be looked at.',
  valuesConfig: {
    READY: { description: 'The gallery has what the folder had at the last scan.' },
    SCANNING: { description: 'A scan is running or waiting for its turn.' },
    UNAVAILABLE: {
      description:
        'The folder is not what it was, for instance because its disk is not mounted. Its pictures stay.',
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

  @Field(() => [String], { description: 'What is left out, as .gitignore patterns.' })
  exclude!: readonly string[];

  @Field(() => LibraryStatus, { description: 'Whether the folder can be looked at.' })
  status!: LibraryStatus;

  @Field(() => String, {
    nullable: true,
    description: 'Why the folder cannot be looked at, as an English sentence. Null when it can.',
  })
  problem!: string | null;

  @Field(() => Boolean, {
    description: 'Whether changes are noticed at once. Otherwise they are found by the next scan.',
  })
  isWatched!: boolean;

  @Field(() => Int, { description: 'Picture files that are there.' })
  presentCount!: number;

  @Field(() => Int, { description: 'Picture files that are gone, and that nothing else has.' })
  missingCount!: number;

  @Field(() => Int, { description: 'Files that could not be taken; see `failures`.' })
  failedCount!: number;

  @Field(() => Job, {
    nullable: true,
    description: 'The scan that is running or waiting. Null when there is none.',
  })
  scan!: Job | null;

  @Field(() => GraphQLDateTime, { description: 'When the library was added.' })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the last scan of the whole folder ended. Null until then.',
  })
  scannedAt!: Date | null;
}

@ObjectType({ description: 'A file of a library that could not be taken.', simpleResolvers: true })
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

  @Field(() => String, { description: 'Relative to the folder of the library, with `/`.' })
  path!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Absolute path on the server. Null for visitors, who are not told paths of the server.',
  })
  absolutePath!: string | null;

  @Field(() => Boolean, { description: 'Whether the file was there when the library was looked at last.' })
  isPresent!: boolean;
}

const PREFIX = 'library-';

export const libraryId = (id: number): string => `${PREFIX}${id}`;

/** Null when it cannot be the id of a library. */
export function parseLibraryId(id: string): number | null {
  return /^library-[1-9]\d{0,9}$/.test(id) ? Number(id.slice(PREFIX.length)) : null;
}

export function toLibrary({ id, root, counts, scan, problem, ...state }: LibraryState): Library {
  const { name, tags, exclude, isWatched, createdAt, scannedAt } = state;
  return {
    id: libraryId(id),
    name,
    path: root,
    tags,
    exclude,
    status:
      scan !== null
        ? LibraryStatus.SCANNING
        : problem === null
          ? LibraryStatus.READY
          : LibraryStatus.UNAVAILABLE,
    problem,
    isWatched,
    presentCount: counts.PRESENT,
    missingCount: counts.MISSING,
    failedCount: counts.FAILED,
    scan,
    createdAt,
    scannedAt,
  };
}

export const toFailure = ({ path, failure }: LibraryFileRow): LibraryFailure => ({
  path,
  code: failure?.code ?? '',
  message: failure?.message ?? '',
});
