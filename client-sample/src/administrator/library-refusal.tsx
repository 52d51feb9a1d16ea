import { useTranslation } from 'react-i18next';
import type { Failure } from '../api/errors';
import { ErrorNotice } from '../components/error-notice';
import { FolderRefused } from './folder-refused';

interface LibraryRefusalProps {
  readonly failure: Failure;
  /** The folder as it was entered. */
  readonly path: string;
}

/** Why a folder does not become a library. */
export function LibraryRefusal({ failure, path }: LibraryRefusalProps) {
  const { t } = useTranslation();
  if (failure.code === 'FORBIDDEN') return <FolderRefused path={path} />;
  const field = failure.code === 'BAD_USER_INPUT' ? failure.details['path'] : null;
  if (field !== 'path' && field !== 'exclude') return <ErrorNotice failure={failure} />;
  return (
    <div className="alert alert-warning mb-0" role="alert">
      {t(field === 'path' ? 'admin.folderTaken' : 'admin.patternWrong')}
    </div>
  );
}
