import { useState, type ReactNode } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../components/icon';
import { Thumbnail, type thumbnailFragment } from '../../../components/thumbnail';
import type { FragmentType } from '../../../gql';
import { formatBytes, formatNumber } from '../../../lib/format';
import { AddToGallery } from './add-to-gallery';
import { FileButton } from './file-button';
import type { QueryFile } from './query-files';

export interface QueryFacts {
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where the query picture can be seen. */
export interface Preview {
  readonly file: QueryFile | null;
  /** Of the gallery: the query itself, or the match that is the same file. */
  readonly image: FragmentType<typeof thumbnailFragment> | null;
  /** The small picture the server keeps of a search. */
  readonly kept: string | null;
}

interface QueryPanelProps {
  readonly name: string;
  readonly preview: Preview;
  readonly facts: QueryFacts | null | undefined;
  /** Known before the facts are, for a picture of the gallery. */
  readonly size: Size | null;
  readonly fromGallery: boolean;
  /** The gallery's picture that is the same file, when there is one. */
  readonly thereAs: string | null;
  /** The server has read the picture; if it is broken, the search reports that. */
  readonly addable: boolean;
  readonly failed: boolean;
  readonly onAdded: () => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onStartOver: () => void;
  /** Laid over the preview, exactly as large. */
  readonly overlay: ReactNode;
  /** Below the actions. */
  readonly children?: ReactNode;
}

/** The query: how it looks, what it is, and what can be done with it. */
export function QueryPanel(props: QueryPanelProps) {
  const { name, preview, facts, size, fromGallery, thereAs, addable, failed, onAdded, onFiles, onStartOver } =
    props;
  const { t, i18n } = useTranslation();
  const number = (value: number): string => formatNumber(i18n.language, value, { useGrouping: false });
  const { file } = preview;
  const lines = [
    fromGallery ? t('search.query.fromGallery') : null,
    size && `${number(size.width)} × ${number(size.height)}`,
    facts?.format.toUpperCase(),
    facts ? formatBytes(i18n.language, facts.bytes) : file && formatBytes(i18n.language, file.file.size),
  ].filter((line) => typeof line === 'string');

  return (
    <section className="query-panel" aria-label={t('search.query.label')}>
      <QueryPreview key={file?.url} name={name} preview={preview} size={size} failed={failed}>
        {props.overlay}
      </QueryPreview>
      <div className="query-text">
        <p className="query-name" title={name}>
          {name}
        </p>
        <p className="small text-body-secondary mb-0 tabular">{lines.join(' · ') || ' '}</p>
        {file !== null && file.several > 1 && (
          <p className="small mb-0">
            {t('search.query.several', { number: formatNumber(i18n.language, file.several) })}
          </p>
        )}
      </div>
      <div className="query-actions">
        {file !== null && addable && (
          <AddToGallery file={file.file} name={file.name} thereAs={thereAs} onAdded={onAdded} />
        )}
        <FileButton size="sm" variant="outline-secondary" onFiles={onFiles}>
          {t('search.query.another')}
        </FileButton>
        <Button size="sm" variant="link" className="px-1" onClick={onStartOver}>
          {t('search.query.startOver')}
        </Button>
      </div>
      {props.children}
    </section>
  );
}

interface QueryPreviewProps {
  readonly name: string;
  readonly preview: Preview;
  readonly size: Size | null;
  readonly failed: boolean;
  readonly children: ReactNode;
}

/** The visitor's own file, immediately; otherwise what the server has. If the browser cannot show it, there is a note. */
function QueryPreview({ name, preview, size: known, failed, children }: QueryPreviewProps) {
  const { t } = useTranslation();
  const { file, image, kept } = preview;
  const [ownFailed, setOwnFailed] = useState(false);
  const [keptFailed, setKeptFailed] = useState(false);
  const [size, setSize] = useState<Size | null>(null);
  const { width, height } = known ?? size ?? { width: 4, height: 3 };
  const alt = t('search.query.alt', { name });
  const own = file !== null && !ownFailed;
  const ofServer = !own && image === null && kept !== null && !keptFailed;
  const note = ownFailed ? 'notShown' : file === null && image === null && keptFailed ? 'notKept' : null;
  return (
    <div className="query-preview">
      <div className="query-frame" style={{ ['--ratio' as string]: width / height }}>
        {own ? (
          <img
            src={file.url}
            alt={alt}
            decoding="async"
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setSize({ width: naturalWidth, height: naturalHeight })
            }
            onError={() => setOwnFailed(true)}
          />
        ) : image !== null ? (
          <Thumbnail image={image} sizes="(min-width: 992px) 340px, 40vw" alt={alt} eager />
        ) : ofServer ? (
          <img src={kept} alt={alt} onError={() => setKeptFailed(true)} />
        ) : (
          <div className="query-unshown">
            <Icon name="picture" size={32} />
          </div>
        )}
        {children}
      </div>
      {note !== null && !failed && (
        <p className="query-note small text-body-secondary">{t(`search.query.${note}`)}</p>
      )}
    </div>
  );
}
