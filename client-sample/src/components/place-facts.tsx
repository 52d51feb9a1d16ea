import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { AS_ADMINISTRATOR } from '../api/administrator';
import { graphql } from '../gql';

const placesQuery = graphql(`
  query PicturePlaces($id: ID!) {
    galleryImage(id: $id) {
      id
      places {
        libraryName
        path
        absolutePath
        isPresent
      }
    }
  }
`);

interface PlaceFactsProps {
  readonly id: string;
}

/** Where libraries have the file of a picture: for a list of facts. */
export function PlaceFacts({ id }: PlaceFactsProps) {
  const { t } = useTranslation();
  const { data } = useQuery(placesQuery, { variables: { id }, context: AS_ADMINISTRATOR });
  const places = data?.galleryImage?.places ?? [];
  if (places.length === 0) return null;
  return (
    <>
      <dt>{t('lightbox.place')}</dt>
      <dd>
        {places.map(({ libraryName, path, absolutePath, isPresent }) => (
          <div key={`${libraryName}/${path}`} className="image-place">
            <span className={isPresent ? '' : 'text-decoration-line-through'}>
              {absolutePath ?? `${libraryName}/${path}`}
            </span>
            <CopyButton text={absolutePath ?? path} />
          </div>
        ))}
      </dd>
    </>
  );
}

/** Browsers allow it to pages of this machine and to those over HTTPS. */
function CopyButton({ text }: { readonly text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  if (!window.isSecureContext) return null;
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => {}, // not allowed: the path can still be selected
    );
  };
  return (
    <Button variant="link" size="sm" className="p-0" onClick={copy} onBlur={() => setCopied(false)}>
      {t(copied ? 'lightbox.copied' : 'lightbox.copyPath')}
    </Button>
  );
}
