import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { graphql, readFragment, type FragmentType } from '../gql';
import { formatNumber } from '../lib/format';
import '../styles/lightbox.css';
import { Icon } from './icon';
import { ImageDetails } from './image-details';
import { LightboxPicture, lightboxPictureFragment, LIGHTBOX_SIZES, lightboxSource } from './lightbox-picture';
import { useSwipe } from './use-swipe';
import { useRatingKeys } from './use-update-image';

/** What a list of pictures has to ask for so that the lightbox can show them. */
export const lightboxImageFragment = graphql(`
  fragment LightboxImage on GalleryImage {
    id
    title
    rating
    favorite
    url
    ...LightboxPicture
    ...ImageDetails
  }
`);

export type LightboxImage = FragmentType<typeof lightboxImageFragment>;

interface LightboxProps {
  readonly images: readonly LightboxImage[];
  /** Which of them is shown. One that is not there (the last was removed) is taken as the nearest that is. */
  readonly index: number;
  readonly onIndexChange: (index: number) => void;
  readonly onClose: () => void;
  /** How many there are in total, when `images` holds only those loaded so far. */
  readonly total?: number;
  /** Buttons below the details, after “More like this” and “Open the full picture”. */
  readonly actions?: (id: string, index: number) => ReactNode;
  /** Above the details: how similar it is, say. */
  readonly head?: (id: string, index: number) => ReactNode;
  /** In place of the plain tags. */
  readonly tags?: (id: string, index: number) => ReactNode;
  /** Laid over the picture, exactly as large. */
  readonly overlay?: (id: string, index: number) => ReactNode;
  /** Below everything else in the panel. */
  readonly children?: ReactNode;
}

const STORED = 'likeness.lightbox.details';

/** Keys that mean something to what has the focus, or to a dialog above this one. */
const takesKeys = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest(
    'input, textarea, select, [role="slider"], [contenteditable], [role="dialog"]:not(.lightbox)',
  ) !== null;

/**
 * One picture of a list over the whole window: arrow keys, Home, End and a finger turn the page, Escape closes, `i`
 * shows or hides the details, `f` and digits rate. The focus goes back to where it was.
 */
export function Lightbox(props: LightboxProps) {
  const { images, onIndexChange, onClose, actions, head, tags, overlay, children } = props;
  const { t, i18n } = useTranslation();
  const [detailed, setDetailed] = useState(() => localStorage.getItem(STORED) !== 'hidden');

  const index = Math.max(0, Math.min(props.index, images.length - 1));
  const shown = images[index];
  const image = shown === undefined ? null : readFragment(lightboxImageFragment, shown);
  const total = Math.max(images.length, props.total ?? 0);

  const isThere = (at: number): boolean => at >= 0 && at < images.length;
  const go = (at: number): void => {
    if (isThere(at) && at !== index) onIndexChange(at);
  };
  usePreloaded([images[index + 1], images[index - 1]]);

  const toggleDetails = (): void => {
    localStorage.setItem(STORED, detailed ? 'hidden' : 'shown');
    setDetailed(!detailed);
  };
  const rateByKey = useRatingKeys(image);
  // Of the document: the focus may be lost with a button that went.
  const onKeyDown = useEffectEvent((event: KeyboardEvent): void => {
    if (takesKeys(event.target) || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowLeft') go(index - 1);
    else if (event.key === 'ArrowRight') go(index + 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(images.length - 1);
    else if (event.key === 'i') toggleDetails();
    else if (!rateByKey(event.key)) return;
    event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKeyDown(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);

  // The last one was removed.
  const empty = image === null;
  const close = useEffectEvent(onClose);
  useEffect(() => {
    if (empty) close();
  }, [empty]);

  const name = image?.title || t('common.untitled');
  const position = {
    index: formatNumber(i18n.language, index + 1),
    total: formatNumber(i18n.language, total),
  };
  return (
    <Modal
      show={!empty}
      onHide={onClose}
      fullscreen
      animation={false}
      className="lightbox"
      data-bs-theme="dark"
      aria-label={t('lightbox.label')}
    >
      {image !== null && (
        <div className={`lightbox-layout ${detailed ? 'detailed' : ''}`}>
          <div className="lightbox-bar">
            {total > 1 && (
              <span className="small tabular" aria-hidden="true">
                {t('lightbox.position', position)}
              </span>
            )}
            <button
              type="button"
              className="lightbox-button ms-auto"
              aria-pressed={detailed}
              aria-label={t('lightbox.details')}
              title={t(detailed ? 'lightbox.hideDetails' : 'lightbox.showDetails')}
              onClick={toggleDetails}
            >
              <Icon name="info" size={20} />
            </button>
            <button
              type="button"
              className="lightbox-button"
              aria-label={t('common.close')}
              title={t('common.close')}
              onClick={onClose}
            >
              <Icon name="close" size={20} />
            </button>
          </div>
          <div className="lightbox-stage">
            <Slide onTurn={(step) => go(index + step)} canTurn={(step) => isThere(index + step)}>
              <LightboxPicture key={image.id} image={image}>
                {overlay?.(image.id, index)}
              </LightboxPicture>
            </Slide>
            <button
              type="button"
              className="lightbox-button lightbox-turn lightbox-previous"
              aria-label={t('lightbox.previous')}
              aria-disabled={!isThere(index - 1)}
              onClick={() => go(index - 1)}
            >
              <Icon name="previous" size={24} />
            </button>
            <button
              type="button"
              className="lightbox-button lightbox-turn lightbox-next"
              aria-label={t('lightbox.next')}
              aria-disabled={!isThere(index + 1)}
              onClick={() => go(index + 1)}
            >
              <Icon name="next" size={24} />
            </button>
          </div>
          {detailed && (
            <aside className="lightbox-details" aria-label={t('lightbox.details')}>
              {head?.(image.id, index)}
              <ImageDetails image={image} tags={tags?.(image.id, index)} />
              <div className="lightbox-actions">
                <Link className="btn btn-primary btn-sm" to={`/?image=${image.id}`}>
                  {t('lightbox.moreLikeThis')}
                </Link>
                <a
                  className="btn btn-outline-secondary btn-sm"
                  href={image.url}
                  target="_blank"
                  rel="noreferrer"
                >
                  {t('lightbox.openFull')}
                </a>
                {actions?.(image.id, index)}
              </div>
              {children}
            </aside>
          )}
          <p className="visually-hidden" role="status">
            {t('lightbox.announce', { name, ...position })}
          </p>
        </div>
      )}
    </Modal>
  );
}

interface SlideProps {
  readonly onTurn: (step: 1 | -1) => void;
  readonly canTurn: (step: 1 | -1) => boolean;
  readonly children: ReactNode;
}

/** What a finger moves. */
function Slide({ onTurn, canTurn, children }: SlideProps) {
  const element = useRef<HTMLDivElement>(null);
  useSwipe(element, onTurn, canTurn);
  return (
    <div className="lightbox-slide" ref={element}>
      {children}
    </div>
  );
}

/** Fetches what will probably be looked at next. */
function usePreloaded(images: readonly (LightboxImage | undefined)[]): void {
  const sources = images.map((image) => {
    if (image === undefined) return null;
    const { srcSet = '', src } = lightboxSource(
      readFragment(lightboxPictureFragment, readFragment(lightboxImageFragment, image)),
    );
    return { src, srcSet };
  });
  const key = JSON.stringify(sources);
  useEffect(() => {
    for (const source of JSON.parse(key) as typeof sources) {
      if (source === null) continue;
      const picture = new Image();
      picture.sizes = LIGHTBOX_SIZES;
      picture.srcset = source.srcSet;
      picture.src = source.src;
    }
  }, [key]);
}
