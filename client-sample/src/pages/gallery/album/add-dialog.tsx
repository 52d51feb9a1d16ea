import { useApolloClient, useQuery } from '@apollo/client/react';
import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { toFailure, type Failure } from '../../../api/errors';
import { ErrorNotice } from '../../../components/error-notice';
import { formatNumber } from '../../../lib/format';
import { albumChoicesQuery, newAlbumMutation } from './documents';

const NEW = '';

interface AddDialogProps {
  readonly count: number;
  /** The album that is shown, which has them already. */
  readonly except: string;
  readonly onAdd: (album: string) => void;
  readonly onHide: () => void;
}

/** To which album, of those there are or a new one. */
export function AddDialog({ count, except, onAdd, onHide }: AddDialogProps) {
  const { t, i18n } = useTranslation();
  const client = useApolloClient();
  const { data, error } = useQuery(albumChoicesQuery, {
    fetchPolicy: 'no-cache', // in the cache the list is that of the albums page
  });
  const albums = (data?.albums?.edges ?? [])
    .map(({ node }) => node)
    .filter(({ id, isSmart }) => !isSmart && id !== except);
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const album = chosen ?? (data === undefined || albums.length > 0 ? null : NEW);
  const shownFailure = failure ?? (error === undefined ? null : toFailure(error));

  const submit = async (): Promise<void> => {
    if (album === null) return;
    if (album !== NEW) return onAdd(album);
    setBusy(true);
    try {
      const made = await client.mutate({ mutation: newAlbumMutation, variables: { name: name.trim() } });
      const id = made.data?.createAlbum?.album.id;
      if (id !== undefined) onAdd(id);
    } catch (reason) {
      setFailure(toFailure(reason));
    }
    setBusy(false);
  };

  return (
    <Modal show onHide={onHide} centered scrollable aria-labelledby="add-to-album-title">
      <Modal.Header closeButton closeLabel={t('common.close')}>
        <Modal.Title as="h2" className="h5" id="add-to-album-title">
          {t('albums.addTitle', { count, number: formatNumber(i18n.language, count) })}
        </Modal.Title>
      </Modal.Header>
      <Modal.Body>
        <Form
          id="add-to-album"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          {albums.map(({ id, name: label }) => (
            <Form.Check
              key={id}
              type="radio"
              name="album"
              id={`add-to-${id}`}
              label={label}
              checked={album === id}
              onChange={() => setChosen(id)}
            />
          ))}
          <Form.Check
            type="radio"
            name="album"
            id="add-to-new"
            label={t('albums.addNew')}
            checked={album === NEW}
            onChange={() => setChosen(NEW)}
          />
          {album === NEW && (
            <Form.Control
              className="mt-2"
              autoFocus
              maxLength={100}
              aria-label={t('albums.name')}
              placeholder={t('albums.name')}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Form>
        {shownFailure !== null && (
          <div className="mt-3">
            <ErrorNotice failure={shownFailure} />
          </div>
        )}
      </Modal.Body>
      <Modal.Footer>
        <Button variant="outline-secondary" onClick={onHide}>
          {t('common.cancel')}
        </Button>
        <Button
          type="submit"
          form="add-to-album"
          disabled={busy || album === null || (album === NEW && name.trim() === '')}
        >
          {t('albums.addAction')}
        </Button>
      </Modal.Footer>
    </Modal>
  );
}
