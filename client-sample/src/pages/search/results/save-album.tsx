import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useToast } from '../../../components/toasts';
import type { AlbumSearchInput } from '../../../gql/graphql';
import { later } from '../../../navigation/lazy-part';
import { albumAddress } from '../../albums/album-address';
import { createAlbumMutation } from '../../albums/documents';

const NameDialog = later(async () => (await import('../../albums/name-dialog')).NameDialog);

export interface SavedSearch {
  /** What the query is called, as a first name for the album. */
  readonly name: string;
  readonly search: AlbumSearchInput;
}

/** Keeps the search, with what it is narrowed to, as a smart album. */
export function SaveAlbum({ name, search }: SavedSearch) {
  const { t } = useTranslation();
  const client = useApolloClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState(false);
  const save = async (chosen: string): Promise<void> => {
    const { data } = await client.mutate({
      mutation: createAlbumMutation,
      variables: { name: chosen, search },
    });
    const id = data?.createAlbum?.album.id;
    toast({
      message: t('albums.saved', { name: chosen }),
      ...(id !== undefined && {
        action: { label: t('albums.open'), onClick: () => navigate(albumAddress(id)) },
      }),
    });
  };
  return (
    <>
      <Button size="sm" variant="link" className="ms-auto py-0" onClick={() => setOpen(true)}>
        {t('albums.save')}
      </Button>
      {open && (
        <NameDialog
          title={t('albums.saveTitle')}
          name={name}
          action={t('albums.saveAction')}
          hint={t('albums.saveHint')}
          onName={save}
          onHide={() => setOpen(false)}
        />
      )}
    </>
  );
}
