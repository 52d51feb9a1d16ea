import { useApolloClient } from '@apollo/client/react';
import { useRef, useState } from 'react';
import Button from 'react-bootstrap/Button';
import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state';
import { ErrorNotice } from '../../components/error-notice';
import { useUndoable } from '../../components/use-undoable';
import { formatNumber } from '../../lib/format';
import { usePageTitle } from '../../lib/page-title';
import { useWhenVisible } from '../../lib/use-when-visible';
import { later } from '../../navigation/lazy-part';
import '../../styles/albums.css';
import { AlbumCard } from './album-card';
import { createAlbumMutation, deleteAlbumMutation, renameAlbumMutation } from './documents';
import { useAlbums } from './use-albums';

const NameDialog = later(async () => (await import('./name-dialog')).NameDialog);

/** Every album with its cover; its pictures are shown by the gallery. */
export function AlbumsPage() {
  const { t, i18n } = useTranslation();
  usePageTitle(t('albums.title'));
  const client = useApolloClient();
  const { nodes: albums, total, hasMore, failure, loadMore, refetch } = useAlbums();
  const [creating, setCreating] = useState(false);
  const [renamed, setRenamed] = useState<{ readonly id: string; readonly name: string } | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const deleteAlbum = useDeleteAlbum();
  const end = useRef<HTMLDivElement>(null);
  useWhenVisible(end, loadMore, loadMore);

  return (
    <Container fluid="xxl" className="page-width py-4">
      <div className="albums-head">
        <h1 className="h3 mb-0" ref={heading} tabIndex={-1}>
          {t('albums.title')}
        </h1>
        <p className="text-body-secondary mb-0 tabular" role="status">
          {albums !== null && t('albums.count', { count: total, number: formatNumber(i18n.language, total) })}
        </p>
        <Button className="ms-auto" onClick={() => setCreating(true)}>
          {t('albums.create')}
        </Button>
      </div>
      {albums === null && failure === null && (
        <div className="album-grid" role="status" aria-label={t('common.loading')}>
          {Array.from({ length: 8 }, (_, i) => (
            <span key={i} className="album-cover skeleton" />
          ))}
        </div>
      )}
      {albums?.length === 0 && failure === null && (
        <EmptyState title={t('albums.none')}>
          <p>{t('albums.noneHint')}</p>
        </EmptyState>
      )}
      {albums !== null && albums.length > 0 && (
        <ul className="album-grid" aria-label={t('albums.title')}>
          {albums.map((album) => (
            <AlbumCard
              key={album.id}
              album={album}
              onRename={(id, name) => setRenamed({ id, name })}
              onDelete={(id) => {
                deleteAlbum(id);
                // The button that had the focus is gone.
                heading.current?.focus({ preventScroll: true });
              }}
            />
          ))}
        </ul>
      )}
      {failure !== null && <ErrorNotice failure={failure} onRetry={refetch} />}
      {hasMore && <div ref={end} />}

      {creating && (
        <NameDialog
          title={t('albums.createTitle')}
          action={t('albums.createAction')}
          hint={t('albums.createHint')}
          onName={async (name) => {
            await client.mutate({ mutation: createAlbumMutation, variables: { name } });
            refetch();
          }}
          onHide={() => setCreating(false)}
        />
      )}
      {renamed !== null && (
        <NameDialog
          title={t('albums.renameTitle')}
          name={renamed.name}
          action={t('albums.rename')}
          onName={(name) =>
            client.mutate({ mutation: renameAlbumMutation, variables: { id: renamed.id, name } })
          }
          onHide={() => setRenamed(null)}
        />
      )}
    </Container>
  );
}

/** Hidden at once; deleted by the server when the time to undo it has passed. */
function useDeleteAlbum(): (id: string) => void {
  const client = useApolloClient();
  const { t } = useTranslation();
  const undoable = useUndoable();
  return (id) =>
    undoable({
      message: t('albums.deleted'),
      failed: t('albums.deleteFailed'),
      mutate: (context) =>
        client.mutate({
          mutation: deleteAlbumMutation,
          variables: { id },
          context: { ...context },
          optimisticResponse: { deleteAlbum: { __typename: 'DeleteAlbumPayload', deletedId: id } },
          // The list leaves out what is not in the cache (see `joinedConnection`).
          update: (cache) => {
            const key = cache.identify({ __typename: 'Album', id });
            if (key !== undefined) cache.modify({ id: key, fields: (_value, { DELETE }) => DELETE });
          },
        }),
    });
}
