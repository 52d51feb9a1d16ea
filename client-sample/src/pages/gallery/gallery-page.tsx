import { useApolloClient } from '@apollo/client/react';
import { useMemo, useRef, useState } from 'react';
import Button from 'react-bootstrap/Button';
import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { failure as failureOf } from '../../api/errors';
import { ErrorNotice } from '../../components/error-notice';
import { useToast } from '../../components/toasts';
import { formatNumber } from '../../lib/format';
import { usePageTitle } from '../../lib/page-title';
import { later } from '../../navigation/lazy-part';
import '../../styles/gallery.css';
import { AlbumHead } from './album/album-head';
import { moveByOne, moveTo, type Move } from './album/moved-list';
import { useChangeAlbum } from './album/use-change-album';
import { useShownAlbum } from './album/use-shown-album';
import { galleryCellFragment } from './documents';
import { EmptyGallery } from './empty-gallery';
import { isFiltered, NO_FILTER, toFilter } from './filters/gallery-address';
import { GalleryToolbar } from './filters/gallery-toolbar';
import { useGalleryView } from './filters/use-gallery-view';
import type { ListVariables } from './gallery-lists';
import { FirstSteps } from './first-steps/first-steps';
import { GalleryGrid, type GalleryGridHandle } from './grid/gallery-grid';
import { useSelection } from './grid/use-selection';
import { ImportJobs } from './import/import-jobs';
import { SelectionBar } from './selection-bar';
import type { TaggedPicture } from './tags/tag-dialog';
import { useTagImages } from './tags/use-tag-images';
import { UploadButtons } from './upload-buttons';
import { sortFiles, type ChosenFiles } from './uploads/picture-files';
import { useFileDrop } from './uploads/use-file-drop';
import { useUploads } from './uploads/use-uploads';
import { useGalleryKeys } from './use-gallery-keys';
import { useGalleryList } from './use-gallery-list';
import { useLiveGallery } from './use-live-gallery';
import { useRemovePictures } from './use-remove-pictures';
import { useShownPicture } from './use-shown-picture';

/** Scrolled no further than this, new pictures move nothing that is being looked at. */
const TOP_PX = 120;
const atTop = (): boolean => window.scrollY < TOP_PX;

const NONE: readonly string[] = [];

const AddDialog = later(async () => (await import('./album/add-dialog')).AddDialog);
const TagDialog = later(async () => (await import('./tags/tag-dialog')).TagDialog);
const ImportDialog = later(async () => (await import('./import/import-dialog')).ImportDialog);
const UploadDialog = later(async () => (await import('./uploads/upload-dialog')).UploadDialog);
const UploadCard = later(async () => (await import('./uploads/upload-card')).UploadCard);
const GalleryLightbox = later(async () => (await import('./gallery-lightbox')).GalleryLightbox);

export function GalleryPage() {
  const { t, i18n } = useTranslation();
  const client = useApolloClient();
  const toast = useToast();
  const grid = useRef<GalleryGridHandle>(null);
  const [view, changeView] = useGalleryView();
  const shown: ListVariables = useMemo(() => ({ filter: toFilter(view), orderBy: view.order }), [view]);

  const [needed, setNeeded] = useState(0);
  const [selectingAll, setSelectingAll] = useState(false);
  /** Ids of pictures that were removed since the page was opened; ids are never reused. */
  const [gone] = useState(() => new Set<string>());
  /** The list is loaded as far as the picture that is shown large. */
  const [shownAt, setShownAt] = useState(0);
  const list = useGalleryList(shown, selectingAll ? Infinity : Math.max(needed, shownAt), gone);
  const ids = list.ids ?? NONE;
  const opened = useShownPicture(ids, list.total, grid);
  if (opened.index > shownAt) setShownAt(opened.index);
  const selection = useSelection(ids);
  const live = useLiveGallery(shown, list, gone, atTop);
  const album = useShownAlbum(view.album, list.refetch);
  const title = view.album === '' ? t('gallery.title') : (album?.name ?? ' ');
  usePageTitle(title);
  const changeAlbum = useChangeAlbum(list.refetch);
  const removePictures = useRemovePictures();
  const tagImages = useTagImages();
  const { queue, snapshot } = useUploads();

  const [chosen, setChosen] = useState<ChosenFiles | null>(null);
  const [importing, setImporting] = useState(false);
  const [imports, setImports] = useState<readonly string[]>([]);
  const [adding, setAdding] = useState<readonly string[] | null>(null);
  const [tagging, setTagging] = useState<readonly TaggedPicture[] | null>(null);

  const choose = (files: readonly File[]): void => {
    const sorted = sortFiles(files);
    if (sorted.pictures.length > 0) setChosen(sorted);
    else toast({ message: t('gallery.upload.noPictures'), variant: 'danger' });
  };
  const over = useFileDrop(choose);

  // “All” includes what has not been loaded yet.
  if (selectingAll && list.ids !== null && ids.length >= list.total) {
    setSelectingAll(false);
    selection.all();
  }

  const takeAway = (removed: readonly string[], take: (ids: readonly string[]) => void): void => {
    const [first] = removed;
    if (first === undefined) return;
    const at = ids.indexOf(first);
    take(removed);
    selection.clear();
    // The picture that takes the place of the first removed one.
    grid.current?.focus(Math.max(0, Math.min(at, ids.length - removed.length - 1)));
  };
  const remove = (removed: readonly string[]): void => takeAway(removed, removePictures);
  const isList = album != null && !album.isSmart;
  const take = (taken: readonly string[]): void =>
    takeAway(taken, (chosen) => changeAlbum.take(view.album, shown, chosen));
  const isOrdered = isList && view.order === 'ALBUM';
  const isWhole = ids.length >= list.total;
  const move = (change: Move | null): void => {
    if (change !== null) changeAlbum.move(view.album, shown, change);
  };
  const tag = (): void =>
    setTagging(
      selection.ids.flatMap((id) => {
        const picture = client.readFragment({
          fragment: galleryCellFragment,
          fragmentName: 'GalleryCell',
          from: { __typename: 'GalleryImage', id },
        });
        return picture === null ? [] : [picture];
      }),
    );
  useGalleryKeys({
    selectAll: () => selection.all(),
    escape: () => {
      setSelectingAll(false);
      selection.clear();
    },
  });

  const number = (value: number): string => formatNumber(i18n.language, value);
  const filtered = isFiltered(view);
  const empty = list.ids !== null && list.total === 0 && !list.stale;

  return (
    <Container fluid className="gallery">
      <div className="gallery-head">
        <div className="gallery-title">
          <h1 className="h3 mb-0">{title}</h1>
          <p className="text-body-secondary mb-0 tabular" role="status">
            {list.ids === null
              ? ' '
              : filtered
                ? t('gallery.countFiltered', { count: list.total, number: number(list.total) })
                : t('gallery.count', { count: list.total, number: number(list.total) })}
          </p>
        </div>
        {view.album === '' && (
          <div className="ms-auto d-flex gap-2">
            <UploadButtons onFiles={choose} onImport={() => setImporting(true)} />
          </div>
        )}
      </div>
      {album != null && <AlbumHead album={album} isEmpty={empty} />}
      <GalleryToolbar view={view} onChange={changeView} />

      {view.album === '' && !filtered && list.ids !== null && !list.stale && (
        <FirstSteps ids={ids} total={list.total} />
      )}
      {opened.unknown && <ErrorNotice failure={failureOf('IMAGE_NOT_FOUND')} />}
      {album === undefined ? (
        <ErrorNotice failure={failureOf('ALBUM_NOT_FOUND')} />
      ) : list.failure !== null && list.ids === null ? (
        <ErrorNotice failure={list.failure} onRetry={list.retry} />
      ) : empty ? (
        <EmptyGallery filtered={filtered} album={album} onClear={() => changeView(NO_FILTER)} />
      ) : (
        <div className={list.stale ? 'gallery-stale' : ''} aria-busy={list.ids === null || list.stale}>
          <GalleryGrid
            ref={grid}
            ids={ids}
            // Before the first answer: enough empty cells for a screen.
            total={list.ids === null ? 60 : list.total}
            selection={selection}
            onOpen={(index) => {
              const id = ids[index];
              if (id !== undefined) opened.show(id);
            }}
            // What an album shows is taken out of it; a key does not remove it from the gallery.
            onRemove={isList ? take : remove}
            onMove={isOrdered ? (from, to) => move(moveTo(ids, from, to, isWhole)) : null}
            onNeed={setNeeded}
          />
        </div>
      )}
      {list.failure !== null && list.ids !== null && (
        <div className="gallery-more-failed">
          <ErrorNotice failure={list.failure} onRetry={list.retry} />
        </div>
      )}

      {live.waiting > 0 && (
        <Button
          className="gallery-news shadow"
          onClick={() => {
            live.showWaiting();
            window.scrollTo({ top: 0 });
          }}
        >
          {t('gallery.news', { count: live.waiting, number: number(live.waiting) })}
        </Button>
      )}
      <div className="gallery-dock">
        <ImportJobs started={imports} />
        {snapshot.uploads.length > 0 && <UploadCard />}
        {selection.ids.length > 0 && (
          <SelectionBar
            ids={selection.ids}
            loaded={ids.length}
            total={list.total}
            onTag={tag}
            onAddToAlbum={() => setAdding(selection.ids)}
            album={
              isList
                ? {
                    onTake: () => take(selection.ids),
                    onMove: isOrdered
                      ? (direction) => move(moveByOne(ids, selection.ids, direction, isWhole))
                      : null,
                  }
                : null
            }
            onRemove={() => remove(selection.ids)}
            onSelectAll={() => setSelectingAll(true)}
            onClear={() => {
              setSelectingAll(false);
              selection.clear();
            }}
          />
        )}
      </div>
      {over && <div className="gallery-drop">{t('gallery.upload.dropNow')}</div>}

      {opened.id !== null && !opened.unknown && (
        <GalleryLightbox
          ids={ids}
          total={list.total}
          shown={opened.id}
          onTurn={opened.turnTo}
          onRemove={(id) => removePictures([id])}
          onClose={opened.hide}
        />
      )}
      {chosen !== null && (
        <UploadDialog
          files={chosen}
          onHide={() => setChosen(null)}
          onUpload={(tags, maxBytes) => {
            queue.add(chosen.pictures, tags, maxBytes);
            setChosen(null);
          }}
        />
      )}
      {importing && (
        <ImportDialog
          onHide={() => setImporting(false)}
          onStarted={(id) => {
            setImports([...imports, id]);
            setImporting(false);
          }}
        />
      )}
      {adding !== null && (
        <AddDialog
          count={adding.length}
          except={view.album}
          onHide={() => setAdding(null)}
          onAdd={(id) => {
            void changeAlbum.add(id, adding);
            setAdding(null);
            selection.clear();
          }}
        />
      )}
      {tagging !== null && (
        <TagDialog
          pictures={tagging}
          onHide={() => setTagging(null)}
          onSave={(add, removed) => {
            void tagImages(tagging, add, removed);
            setTagging(null);
          }}
        />
      )}
    </Container>
  );
}
