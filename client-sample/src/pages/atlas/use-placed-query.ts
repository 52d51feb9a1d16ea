import { useApolloClient } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { toFailure, type Failure } from '../../api/errors';
import { graphql } from '../../gql';
import type { Marker } from './atlas-map';

const placePictureQuery = graphql(`
  query PlacePicture($image: Upload, $imageId: ID) {
    searchByImage(image: $image, imageId: $imageId, topK: 8) {
      id
      analysis {
        atlasPosition {
          x
          y
        }
      }
      matches {
        similarity
        image {
          id
        }
      }
    }
  }
`);

/** A picture to be placed: a file, or one of the gallery. */
export type Placeable = { readonly file: File } | { readonly imageId: string };

interface Placed {
  readonly marker: Marker | null;
  readonly placing: boolean;
  readonly failure: Failure | null;
}

const NOTHING: Placed = { marker: null, placing: false, failure: null };

/** Where a picture lies among the others. */
export function usePlacedQuery(query: Placeable | null): Placed {
  const client = useApolloClient();
  const [placed, setPlaced] = useState<Placed>(NOTHING);

  useEffect(() => {
    if (query === null) {
      setPlaced(NOTHING);
      return;
    }
    const abort = new AbortController();
    const url =
      'file' in query ? URL.createObjectURL(query.file) : `/media/${query.imageId}/thumbnail?width=160`;
    setPlaced({ ...NOTHING, placing: true });
    const answer = client.query({
      query: placePictureQuery,
      variables: 'file' in query ? { image: query.file } : { imageId: query.imageId },
      fetchPolicy: 'no-cache',
      // Two files look alike to Apollo: an upload under way must not answer for another one.
      context: { queryDeduplication: false, fetchOptions: { signal: abort.signal } },
    });
    Promise.all([answer, loadPicture(url)]).then(
      ([{ data }, picture]) => {
        if (abort.signal.aborted) return;
        const position = data?.searchByImage?.analysis?.atlasPosition;
        setPlaced({
          ...NOTHING,
          marker: position
            ? {
                x: position.x,
                y: position.y,
                picture,
                matches: new Set(data?.searchByImage?.matches.map(({ image }) => image.id)),
              }
            : null,
        });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setPlaced({ ...NOTHING, failure: toFailure(error) });
      },
    );
    return () => {
      abort.abort();
      if ('file' in query) URL.revokeObjectURL(url);
    };
  }, [client, query]);

  return placed;
}

/** Null for what the browser cannot show: the marker is then drawn without it. */
function loadPicture(url: string): Promise<HTMLImageElement | null> {
  return new Promise((resolve) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = () => resolve(null);
    picture.src = url;
  });
}
