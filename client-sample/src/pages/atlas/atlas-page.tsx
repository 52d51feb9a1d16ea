import '../../styles/atlas.css';
import { useEffect, useRef, useState, type DragEvent } from 'react';
import Button from 'react-bootstrap/Button';
import ButtonGroup from 'react-bootstrap/ButtonGroup';
import Spinner from 'react-bootstrap/Spinner';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { toFailure } from '../../api/errors';
import { whenServerReturns } from '../../api/reachability';
import { EmptyState } from '../../components/empty-state';
import { ErrorNotice } from '../../components/error-notice';
import { usePageTitle } from '../../lib/page-title';
import { useSearchParams } from '../../navigation/use-search-params';
import { AtlasCanvas, type AtlasControls } from './atlas-canvas';
import { PicturePanel } from './picture-panel';
import { useAtlas } from './use-atlas';
import { usePlacedQuery, type Placeable } from './use-placed-query';

export function AtlasPage() {
  const { t } = useTranslation();
  usePageTitle(t('atlas.title'));
  const { atlas, points, error, refetch } = useAtlas();
  const [parameters, setParameters] = useSearchParams();
  const imageId = parameters.get('image');
  const [query, setQuery] = useState<Placeable | null>(imageId === null ? null : { imageId });
  const { marker, placing, failure } = usePlacedQuery(
    atlas === undefined || points.length === 0 ? null : query,
  );
  const [selected, setSelected] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const controls = useRef<AtlasControls>(null);
  const panel = useRef<HTMLElement>(null);
  const file = useRef<HTMLInputElement>(null);

  useEffect(() => whenServerReturns(refetch), [refetch]);

  const place = (chosen: File | undefined): void => {
    if (chosen === undefined) return;
    setSelected(null);
    setParameters(() => new URLSearchParams());
    setQuery({ file: chosen });
  };
  const clear = (): void => {
    setQuery(null);
    setParameters(() => new URLSearchParams());
  };
  const hasFile = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes('Files');

  return (
    <div
      className="atlas"
      onDragOver={(event) => {
        if (!hasFile(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (event.relatedTarget === null) setOver(false);
      }}
      onDrop={(event) => {
        if (!hasFile(event)) return;
        event.preventDefault();
        setOver(false);
        place(event.dataTransfer.files[0]);
      }}
    >
      <div className="atlas-head page-width">
        <div className="flex-grow-1">
          <h1 className="h4 mb-0">{t('atlas.title')}</h1>
          <p className="small text-body-secondary mb-0">{t('atlas.intro')}</p>
        </div>
        {points.length > 0 && (
          <div className="d-flex flex-wrap gap-2 align-items-center">
            <input
              ref={file}
              type="file"
              accept="image/*"
              className="visually-hidden"
              tabIndex={-1}
              aria-hidden="true"
              onChange={({ target }) => {
                place(target.files?.[0]);
                target.value = '';
              }}
            />
            <Button size="sm" onClick={() => file.current?.click()}>
              {t('atlas.place')}
            </Button>
            {query !== null && (
              <Button size="sm" variant="outline-secondary" onClick={clear}>
                {t('atlas.clear')}
              </Button>
            )}
            <ButtonGroup size="sm">
              <Button
                variant="outline-secondary"
                aria-label={t('atlas.zoomIn')}
                onClick={() => controls.current?.zoomBy(1.6)}
              >
                +
              </Button>
              <Button
                variant="outline-secondary"
                aria-label={t('atlas.zoomOut')}
                onClick={() => controls.current?.zoomBy(1 / 1.6)}
              >
                −
              </Button>
              <Button variant="outline-secondary" onClick={() => controls.current?.reset()}>
                {t('atlas.reset')}
              </Button>
            </ButtonGroup>
          </div>
        )}
      </div>
      <div className="page-width" aria-live="polite">
        {error !== undefined && <ErrorNotice failure={toFailure(error)} onRetry={refetch} />}
        {failure !== null && <ErrorNotice failure={failure} />}
        {placing && <p className="small mb-1">{t('atlas.placing')}</p>}
        {marker !== null && <p className="small mb-1">{t('atlas.placed')}</p>}
      </div>
      {atlas?.state === 'EMPTY' ? (
        <EmptyState title={t('atlas.empty')}>
          <Link to="/gallery">{t('atlas.emptyHint')}</Link>
        </EmptyState>
      ) : (
        <div className="atlas-stage">
          {points.length === 0 && error === undefined && (
            <div className="atlas-waiting">
              <Spinner aria-hidden="true" />
              <p className="mt-3 mb-0" role="status">
                {atlas === undefined ? t('common.loading') : t('atlas.computing')}
              </p>
            </div>
          )}
          {points.length > 0 && (
            <AtlasCanvas
              points={points}
              marker={marker}
              selected={selected}
              onSelect={setSelected}
              onOpen={() => panel.current?.focus()}
              controls={controls}
            />
          )}
          {selected !== null && (
            <PicturePanel
              ref={panel}
              id={selected}
              onClose={() => {
                setSelected(null);
                controls.current?.focus();
              }}
            />
          )}
          {over && <div className="atlas-drop">{t('atlas.dropNow')}</div>}
        </div>
      )}
      <div className="atlas-foot page-width small text-body-secondary">
        <span id="atlas-keys" className="visually-hidden">
          {t('atlas.keys')}
        </span>
        {atlas !== undefined && points.length > 0 && (
          <>
            <span>{t('atlas.count', { count: points.length })}</span>
            {(atlas.method === 'umap' || atlas.method === 'pca') && (
              <span>{t(`atlas.method.${atlas.method}`)}</span>
            )}
            {atlas.missing > 0 && <span>{t('atlas.missing', { count: atlas.missing })}</span>}
            {atlas.state === 'REFRESHING' && <span>{t('atlas.refreshing')}</span>}
          </>
        )}
      </div>
    </div>
  );
}
