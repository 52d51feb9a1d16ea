import { useState } from 'react';
import { graphql, readFragment, type FragmentType } from '../gql';

export const thumbnailFragment = graphql(`
  fragment ThumbnailImage on GalleryImage {
    id
    title
    width
    height
    small: thumbnailUrl(width: 160)
    medium: thumbnailUrl(width: 320)
    large: thumbnailUrl(width: 640)
  }
`);

interface ThumbnailProps {
  readonly image: FragmentType<typeof thumbnailFragment>;
  /** The width it is shown at, for the browser's choice among `srcset`. */
  readonly sizes: string;
  /** Described elsewhere (a button's label, say) when left out. */
  readonly alt?: string;
  readonly eager?: boolean;
  readonly className?: string;
}

/** A picture of the gallery in a small size. Keeps its place while it loads: the aspect is known beforehand. */
export function Thumbnail({ image, sizes, alt = '', eager = false, className = '' }: ThumbnailProps) {
  const { width, height, small, medium, large } = readFragment(thumbnailFragment, image);
  const [loaded, setLoaded] = useState(false);
  return (
    <img
      className={`thumbnail ${loaded ? 'loaded' : ''} ${className}`}
      src={medium}
      srcSet={`${small} 160w, ${medium} 320w, ${large} 640w`}
      sizes={sizes}
      width={width}
      height={height}
      alt={alt}
      loading={eager ? 'eager' : 'lazy'}
      decoding="async"
      onLoad={() => setLoaded(true)}
      // One that the browser still has needs no fading in: it would flicker whenever the grid is arranged anew.
      ref={(img) => {
        if (img?.complete === true && img.naturalWidth > 0) setLoaded(true);
      }}
    />
  );
}
