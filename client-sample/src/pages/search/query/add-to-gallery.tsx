import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useFailureMessage } from '../../../components/error-notice';
import { Icon } from '../../../components/icon';
import { useToast } from '../../../components/toasts';
import { addQueryMutation } from '../documents';
import { whyFailed } from './run-search';

interface AddToGalleryProps {
  readonly file: File;
  readonly name: string | null;
  /** The picture of the gallery that is the same file, when that is known. */
  readonly thereAs: string | null;
  readonly onAdded: () => void;
}

const MAX_TITLE_LENGTH = 200;

/** Adds the query to the gallery, or says that it is there. */
export function AddToGallery({ file, name, thereAs, onAdded }: AddToGalleryProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const tell = useFailureMessage();
  const [add, { loading }] = useMutation(addQueryMutation);
  const [done, setDone] = useState<{ readonly id: string; readonly created: boolean } | null>(null);

  const onClick = async (): Promise<void> => {
    try {
      const title = (name ?? '').replace(/\.\w{1,5}$/, '').slice(0, MAX_TITLE_LENGTH);
      const { data } = await add({
        variables: { image: file, title },
        // Lists that it belongs to; those that are on the page are asked for again.
        update: (cache) => {
          cache.evict({ id: 'ROOT_QUERY', fieldName: 'galleryImages' });
          cache.evict({ id: 'ROOT_QUERY', fieldName: 'status' });
        },
      });
      if (data?.addToGallery == null) return;
      setDone({ id: data.addToGallery.image.id, created: data.addToGallery.created });
      onAdded();
    } catch (error) {
      toast({ message: tell(await whyFailed(error, { file })), variant: 'danger', durationMs: 10_000 });
    }
  };

  const id = done?.id ?? thereAs;
  if (id !== null) {
    return (
      <p className="query-added small mb-0" role="status">
        <Icon name="check" /> {t(done?.created === true ? 'search.add.added' : 'search.add.there')}{' '}
        <Link to={`/?image=${id}`}>{t('search.add.show')}</Link>
      </p>
    );
  }
  return (
    <Button size="sm" onClick={() => void onClick()} disabled={loading}>
      {t(loading ? 'search.add.adding' : 'search.add.add')}
    </Button>
  );
}
