import { Trans } from 'react-i18next';
import '../styles/administrator.css';

interface FolderRefusedProps {
  /** As it was entered. */
  readonly path: string;
}

/** A folder of the server that may not be read, and the setting that would allow it. */
export function FolderRefused({ path }: FolderRefusedProps) {
  return (
    <div className="alert alert-warning mb-0" role="alert">
      <p>
        <Trans
          i18nKey="admin.folderRefused"
          values={{ setting: 'IMPORT_ROOTS' }}
          components={{ code: <code /> }}
        />
      </p>
      <pre className="mb-0 folder-example">{`IMPORT_ROOTS=${exampleRoot(path)} npm start`}</pre>
    </div>
  );
}

/** What the operator would have to set for this folder. */
function exampleRoot(path: string): string {
  const clean = path.trim().replace(/\/+$/, '');
  return clean.startsWith('/') && /^[\w./-]+$/.test(clean) ? clean : '/home/me/pictures';
}
