import { useState, type CSSProperties, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql, readFragment, type FragmentType } from '../gql';
import { isShownByBrowsers } from '../lib/picture-formats';

export const lightboxPictureFragment = graphql(`
  fragment LightboxPicture on GalleryImage {
    id
    title
    width
    height
    format
    url
    medium: thumbnailUrl(width: 320)
    large: thumbnailUrl(width: 640)
    screen: thumbnailUrl(width: 1280)
  }
`);

interface LightboxPictureProps {
  readonly image: FragmentType<typeof lightboxPictureFragment>;
  /** Laid over the picture, exactly as large. */
  readonly children?: ReactNode;
}

/** A picture as large as the place allows. Until it is there, the small one from the grid is shown. */
export function LightboxPicture({ image, children }: LightboxPictureProps) {
  const { t } = useTranslation();
  const picture = readFragment(lightboxPictureFragment, image);
  const [failed, setFailed] = useState(false);
  const frame: CSSProperties = {
    ['--ratio' as string]: picture.width / picture.height,
    ['--natural' as string]: `${picture.width}px`,
    backgroundImage: failed ? undefined : `url("${picture.medium}")`,
  };
  const { src, srcSet } = lightboxSource(picture);
  return (
    <div className="lightbox-frame" style={frame}>
      {failed ? (
        <p className="lightbox-failed" role="alert">
          {t('lightbox.loadFailed')}
        </p>
      ) : (
        <img
          src={src}
          srcSet={srcSet}
          sizes={LIGHTBOX_SIZES}
          width={picture.width}
          height={picture.height}
          alt={picture.title || t('common.untitled')}
          draggable={false}
          onError={() => setFailed(true)}
        />
      )}
      {children}
    </div>
  );
}

export const LIGHTBOX_SIZES = '(min-width: 992px) calc(100vw - 24rem), 100vw';

interface Source {
  readonly src: string;
  readonly srcSet?: string;
}

/** Which files there are to choose from: a moving picture only moves in its original. */
export function lightboxSource(picture: {
  readonly format: string;
  readonly width: number;
  readonly url: string;
  readonly large: string;
  readonly screen: string;
}): Source {
  if (picture.format === 'gif') return { src: picture.url };
  const original = picture.width > 1280 && isShownByBrowsers(picture.format);
  return {
    src: picture.screen,
    srcSet: `${picture.large} 640w, ${picture.screen} 1280w${original ? `, ${picture.url} ${picture.width}w` : ''}`,
  };
}
