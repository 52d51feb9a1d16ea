import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Lightbox, type LightboxImage } from '../../components/lightbox';
import { TagInput } from '../../components/tag-input';
import { useTagsInUse } from '../../components/use-tags-in-use';
import { graphql } from '../../gql';
import { useTagImages } from './tags/use-tag-images';

const galleryPictureQuery = graphql(`
  query GalleryPicture($id: ID!) {
    galleryImage(id: $id) {
      id
      tags
      ...LightboxImage
    }
  }
`);

interface GalleryLightboxProps {
  readonly ids: readonly string[];
  readonly total: number;
  /** The picture that is shown. One that is not in the list, or not yet, is shown alone. */
  readonly shown: string;
  readonly onTurn: (id: string) => void;
  readonly onClose: () => void;
  readonly onRemove: (id: string) => void;
}

/** The picture, and those beside it. Of the others the grid has what it shows; the details come when they are needed. */
export function GalleryLightbox({ ids, total, shown, onTurn, onClose, onRemove }: GalleryLightboxProps) {
  const { t } = useTranslation();
  const index = ids.indexOf(shown);
  const alone = index === -1;
  const now = usePicture(shown);
  const before = usePicture(alone ? undefined : ids[index - 1]);
  const next = usePicture(alone ? undefined : ids[index + 1]);

  // After a jump the earlier picture stays until the other has come.
  const [last, setLast] = useState({ image: now, index });
  if (now !== null && (last.image !== now || last.index !== index)) setLast({ image: now, index });
  if (last.image === null) return null;

  // As long as the list, with nothing in most of its places: the lightbox only looks at these.
  const at = now === null ? last.index : index;
  const images = new Array<LightboxImage>(at === -1 ? 1 : Math.max(ids.length, at + 1));
  if (now !== null && before !== null) images[index - 1] = before;
  if (now !== null && next !== null) images[index + 1] = next;
  images[Math.max(0, at)] = now ?? last.image;

  return (
    <Lightbox
      images={images}
      index={Math.max(0, at)}
      total={at === -1 ? 1 : total}
      onIndexChange={(to) => {
        const id = ids[to];
        if (id !== undefined) onTurn(id);
      }}
      onClose={onClose}
      tags={() => now !== null && <PictureTags key={now.id} id={now.id} tags={now.tags} />}
      actions={(id) => (
        <Button size="sm" variant="outline-danger" onClick={() => onRemove(id)}>
          {t('gallery.selection.remove')}
        </Button>
      )}
    />
  );
}

function usePicture(id: string | undefined) {
  const { data } = useQuery(galleryPictureQuery, { variables: { id: id ?? '' }, skip: id === undefined });
  return data?.galleryImage ?? null;
}

interface PictureTagsProps {
  readonly id: string;
  readonly tags: readonly string[];
}

/** Tags that are changed where they are read; each change is sent by itself. */
function PictureTags({ id, tags }: PictureTagsProps) {
  const { t } = useTranslation();
  const tagImages = useTagImages({ quiet: true });
  const tagsInUse = useTagsInUse();
  return (
    <>
      <label className="visually-hidden" htmlFor="picture-tags">
        {t('common.tags')}
      </label>
      <TagInput
        id="picture-tags"
        linked
        value={tags}
        suggestions={tagsInUse}
        placeholder={t('gallery.tags.hint')}
        onChange={(wanted) => {
          const add = wanted.filter((tag) => !tags.includes(tag));
          const remove = tags.filter((tag) => !wanted.includes(tag));
          if (add.length + remove.length > 0) void tagImages([{ id, tags }], add, remove);
        }}
      />
    </>
  );
}
