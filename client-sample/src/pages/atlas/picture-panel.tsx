import { useQuery } from '@apollo/client/react';
import type { Ref } from 'react';
import Button from 'react-bootstrap/Button';
import Card from 'react-bootstrap/Card';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { Thumbnail } from '../../components/thumbnail';
import { graphql } from '../../gql';

const atlasPictureQuery = graphql(`
  query AtlasPicture($id: ID!) {
    galleryImage(id: $id) {
      id
      title
      url
      tags
      width
      height
      ...ThumbnailImage
    }
  }
`);

interface PicturePanelProps {
  readonly id: string;
  readonly onClose: () => void;
  readonly ref?: Ref<HTMLElement>;
}

/** What is known of the picture that is marked on the map. */
export function PicturePanel({ id, onClose, ref }: PicturePanelProps) {
  const { t } = useTranslation();
  const { data } = useQuery(atlasPictureQuery, { variables: { id } });
  const image = data?.galleryImage;
  const title = image?.title || t('common.untitled');
  return (
    <Card
      ref={ref}
      as="section"
      className="atlas-panel shadow"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={({ key }) => {
        if (key === 'Escape') onClose();
      }}
    >
      <div className="atlas-panel-picture">
        {image && <Thumbnail key={image.id} image={image} sizes="280px" alt={title} eager />}
      </div>
      <Card.Body>
        <div className="d-flex align-items-start gap-2">
          <h2 className="h6 flex-grow-1 text-break">{title}</h2>
          <Button className="btn-close" variant="" aria-label={t('atlas.close')} onClick={onClose} />
        </div>
        {image && (
          <>
            <p className="small text-body-secondary mb-2">
              {image.width} × {image.height}
            </p>
            {image.tags.length > 0 && <p className="small mb-2 text-break">{image.tags.join(', ')}</p>}
            <div className="d-flex gap-2">
              <Link className="btn btn-primary btn-sm" to={`/?image=${id}`}>
                {t('atlas.moreLike')}
              </Link>
              <a
                className="btn btn-outline-secondary btn-sm"
                href={image.url}
                target="_blank"
                rel="noreferrer"
              >
                {t('atlas.open')}
              </a>
            </div>
          </>
        )}
      </Card.Body>
    </Card>
  );
}
