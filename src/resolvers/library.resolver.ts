import { join } from 'node:path';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { AppError } from '../errors.js';
import { pageOfList, type ListOrder } from '../lib/list-page.js';
import type { Context } from '../schema/context.js';
import {
  Library,
  LibraryConnection,
  LibraryFailure,
  libraryId,
  parseLibraryId,
  Place,
  toFailure,
  toLibrary,
} from '../schema/library.type.js';
import { GalleryImage } from '../schema/gallery-image.type.js';
import { toConnection } from '../schema/page-info.type.js';
import { PageArgs, pageCost, toPage } from '../schema/page.args.js';
import { AddLibraryPayload, RemoveLibraryPayload, ScanLibraryPayload } from '../schema/payloads.type.js';
import type { LibraryState } from '../services/libraries/libraries.js';

const LIBRARY_ORDER: ListOrder<LibraryState> = {
  name: 'LIBRARIES',
  keys: 'ascending',
  positionOf: ({ id }) => ({ key: String(id).padStart(10, '0'), id: String(id) }),
};
const LIBRARIES_ON_PAGE = 50;
const MAX_FAILURES = 100;

/** @throws AppError LIBRARY_NOT_FOUND for an ID that cannot be a library's */
function idOf(id: string): number {
  const parsed = parseLibraryId(id);
  if (parsed === null) throw new AppError('LIBRARY_NOT_FOUND', 'There is no library with this id.');
  return parsed;
}

@Resolver(() => Library)
export class LibraryResolver {
  @Query(() => LibraryConnection, {
    nullable: true,
    description: 'For administrators. The libraries, in the order they were added; 50 on a page by default.',
    complexity: pageCost(LIBRARIES_ON_PAGE),
  })
  async libraries(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { libraries, principal }: Context,
  ): Promise<LibraryConnection> {
    principal.assertAdministrator();
    const page = pageOfList(await libraries.states(), LIBRARY_ORDER, toPage(args, LIBRARIES_ON_PAGE));
    return toConnection(page, toLibrary);
  }

  @FieldResolver(() => [LibraryFailure], {
    description: 'The first 100 files that could not be added, in the order of their paths.',
    complexity: 20,
  })
  async failures(@Root() { id }: Library, @Ctx() { catalog }: Context): Promise<LibraryFailure[]> {
    return (await catalog.libraries.failures(idOf(id), MAX_FAILURES)).map(toFailure);
  }

  @Mutation(() => AddLibraryPayload, {
    nullable: true,
    description:
      'For administrators. Adds the pictures of a folder of the server and its subfolders to the gallery without copying them, and follows changes of the folder. Only folders inside those the operator allowed (IMPORT_ROOTS).',
  })
  async addLibrary(
    @Arg('path', () => String, { description: 'Absolute path of the folder on the server.' }) path: string,
    @Arg('name', () => String, {
      nullable: true,
      description: 'At most 100 characters; the name of the folder by default.',
    })
    name: string | null | undefined,
    @Arg('tags', () => [String], {
      nullable: true,
      description: 'Tags for every new picture of the library.',
    })
    tags: string[] | null | undefined,
    @Arg('exclude', () => [String], {
      nullable: true,
      description:
        'What to leave out, as .gitignore patterns, in addition to the .likenessignore files in the folder.',
    })
    exclude: string[] | null | undefined,
    @Ctx() { libraries, principal, allowedFolder }: Context,
  ): Promise<AddLibraryPayload> {
    principal.assertAdministrator();
    const root = await allowedFolder(path);
    const { library, started } = await libraries.add({
      root,
      name: name ?? undefined,
      tags: tags ?? [],
      exclude: exclude ?? [],
    });
    return { library: toLibrary(await libraries.state(library.id)), job: started.job };
  }

  @Mutation(() => ScanLibraryPayload, {
    nullable: true,
    description: 'For administrators. Looks for changes in the folder of a library now, in the background.',
  })
  async scanLibrary(
    @Arg('id', () => ID, { description: 'As in `Library.id`.' }) id: string,
    @Arg('adopt', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description:
        'Accepts the folder as it is now, even if its marker file is missing or belongs to another library. Pictures that are not in it become missing.',
    })
    adopt: boolean | null,
    @Ctx() { libraries, principal }: Context,
  ): Promise<ScanLibraryPayload> {
    principal.assertAdministrator();
    const { job } = await libraries.scan(idOf(id), adopt ?? false);
    return { library: toLibrary(await libraries.state(idOf(id))), job };
  }

  @Mutation(() => RemoveLibraryPayload, {
    nullable: true,
    description:
      'For administrators. Removes a library from the gallery, with the pictures that only it has, in the background. Its files are not changed.',
  })
  async removeLibrary(
    @Arg('id', () => ID, { description: 'As in `Library.id`.' }) id: string,
    @Ctx() { libraries, principal }: Context,
  ): Promise<RemoveLibraryPayload> {
    principal.assertAdministrator();
    return { job: (await libraries.remove(idOf(id))).job };
  }
}

@Resolver(() => GalleryImage)
export class PlaceResolver {
  @FieldResolver(() => [Place], {
    description: 'Its files in libraries, present ones first. Empty for a picture that was uploaded.',
    complexity: 2,
  })
  async places(@Root() { sha256 }: GalleryImage, @Ctx() { catalog, principal }: Context): Promise<Place[]> {
    const places = (await catalog.libraries.places([sha256])).get(sha256) ?? [];
    const isAdministrator = principal.role === 'administrator';
    return places.map(({ libraryId: id, libraryName, root, path, state }) => ({
      libraryId: libraryId(id),
      libraryName,
      path,
      absolutePath: isAdministrator ? join(root, path) : null,
      isPresent: state === 'PRESENT',
    }));
  }
}
