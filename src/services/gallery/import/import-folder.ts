import type { Jobs, StartedJob } from '../../jobs.js';
import { normalizeTags } from '../titles-and-tags.js';
import { excludePatterns } from './exclusions.js';
import { importFiles, type ImportOptions } from './import-files.js';
import { listPictures } from './walk.js';

export interface ImportFolderOptions extends ImportOptions {
  readonly jobs: Jobs;
  /** Left out wherever they are found. */
  readonly ownFolders: readonly string[];
}

export interface FolderImport {
  /** A real path that the caller has checked to be allowed. */
  readonly folder: string;
  readonly tags: readonly string[];
  /** Patterns as in .gitignore. */
  readonly exclude: readonly string[];
}

/**
 * Adds every picture below a folder.
 * @throws AppError BAD_USER_INPUT for tags or patterns
 */
export function startFolderImport(
  { folder, tags, exclude }: FolderImport,
  { jobs, ownFolders, ...options }: ImportFolderOptions,
): StartedJob {
  const cleanTags = normalizeTags(tags, 'tags');
  excludePatterns(exclude); // throws for invalid ones before the job starts
  return jobs.start('IMPORT_FOLDER', async (report) => {
    const pictures = await listPictures(folder, {
      exclude,
      ownFolders,
      signal: report.signal,
      onLeftOut: (reason, count) => report.leftOut(reason, count),
      onUnreadable: (path, error) => report.failed(path, error),
    });
    const files = pictures.map((path) => ({ path }));
    await importFiles(files, cleanTags, report, { ...options, within: folder });
  });
}
