import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { RemovedModel } from '../services/models/models.js';
import { GalleryImage } from './gallery-image.type.js';
import { Job } from './job.type.js';
import { Library } from './library.type.js';

/** One payload per mutation, named after it, so that answers can grow without breaking clients. */

@ObjectType({ description: 'What became of a picture that was sent to the gallery.', simpleResolvers: true })
export class AddToGalleryPayload {
  @Field(() => GalleryImage, {
    description:
      'The picture in the gallery. If the same bytes were there already, this is the earlier one with its own title and tags.',
  })
  image!: GalleryImage;

  @Field(() => Boolean, {
    description: 'Whether the picture is new. False when the same bytes were there already.',
  })
  created!: boolean;

  @Field(() => Boolean, {
    description:
      'Whether the same bytes were there already but their file was missing or damaged, and has been restored.',
  })
  repaired!: boolean;
}

@ObjectType({ description: 'What `tagImages` changed.', simpleResolvers: true })
export class TagImagesPayload {
  @Field(() => [GalleryImage], { description: 'The pictures with the tags they have now, as asked for.' })
  images!: GalleryImage[];
}

@ObjectType({ description: 'What `updateImage` changed.', simpleResolvers: true })
export class UpdateImagePayload {
  @Field(() => GalleryImage, { description: 'The picture as it is now.' })
  image!: GalleryImage;
}

@ObjectType({ description: 'What `removeFromGallery` removed.', simpleResolvers: true })
export class RemoveFromGalleryPayload {
  @Field(() => [ID], {
    description: 'The pictures that were in the gallery and are now gone. Unknown ids are left out.',
  })
  removedIds!: string[];
}

@ObjectType({ description: 'What `removeSearches` deleted.', simpleResolvers: true })
export class RemoveSearchesPayload {
  @Field(() => Int, { description: 'How many searches were deleted.' })
  removedCount!: number;
}

@ObjectType({ description: 'What `clearSearchHistory` deleted.', simpleResolvers: true })
export class ClearSearchHistoryPayload {
  @Field(() => Int, { description: 'How many searches were deleted.' })
  removedCount!: number;
}

@ObjectType({ description: 'What `importFolder` started.', simpleResolvers: true })
export class ImportFolderPayload {
  @Field(() => Job, { description: 'The import, running or waiting its turn.' })
  job!: Job;
}

@ObjectType({ description: 'What `addLibrary` started.', simpleResolvers: true })
export class AddLibraryPayload {
  @Field(() => Library, { description: 'The new library.' })
  library!: Library;

  @Field(() => Job, { description: 'Its first scan, running or waiting its turn.' })
  job!: Job;
}

@ObjectType({ description: 'What `scanLibrary` started.', simpleResolvers: true })
export class ScanLibraryPayload {
  @Field(() => Library, { description: 'The library as it is now.' })
  library!: Library;

  @Field(() => Job, { description: 'The scan, running or waiting its turn.' })
  job!: Job;
}

@ObjectType({ description: 'What `removeLibrary` started.', simpleResolvers: true })
export class RemoveLibraryPayload {
  @Field(() => Job, { description: 'The removal, running or waiting its turn.' })
  job!: Job;
}

@ObjectType({ description: 'What `cancelJob` cancelled.', simpleResolvers: true })
export class CancelJobPayload {
  @Field(() => Job, { description: 'The job as it is now. It runs until its current step is finished.' })
  job!: Job;
}

@ObjectType({ description: 'What `useModel` started.', simpleResolvers: true })
export class UseModelPayload {
  @Field(() => Job, { description: 'The change of model, a MODEL_SWITCH.' })
  job!: Job;
}

@ObjectType({ description: 'What `pullModel` started.', simpleResolvers: true })
export class PullModelPayload {
  @Field(() => Job, { description: 'The download and installation, a MODEL_PULL.' })
  job!: Job;
}

@ObjectType({ description: 'What `uploadModel` started.', simpleResolvers: true })
export class UploadModelPayload {
  @Field(() => Job, { description: 'The installation, a MODEL_UPLOAD.' })
  job!: Job;
}

@ObjectType({ description: 'What `cancelModelSwitch` cancelled.', simpleResolvers: true })
export class CancelModelSwitchPayload {
  @Field(() => Boolean, { description: 'False if there was nothing to cancel.' })
  cancelled!: boolean;
}

@ObjectType({ description: 'What `dropSpace` removed.', simpleResolvers: true })
export class DropSpacePayload {
  @Field(() => Boolean, { description: 'False if there is no space with this id.' })
  dropped!: boolean;
}

@ObjectType({ description: 'What `removeModel` removed.', simpleResolvers: true })
export class RemoveModelPayload implements RemovedModel {
  @Field(() => ID, { description: 'The model that was removed.' })
  id!: string;

  @Field(() => Float, { description: 'Bytes of files that were deleted.' })
  freedBytes!: number;

  @Field(() => [ID], {
    description: 'Spaces whose vectors were removed too. Empty unless `vectors` was true.',
  })
  spaces!: readonly string[];
}
