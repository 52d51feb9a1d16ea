import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { Trans, useTranslation } from 'react-i18next';
import { toFailure } from '../../../api/errors';
import { ErrorNotice } from '../../../components/error-notice';
import { jobsQuery } from '../../../components/job-card';
import { TagInput } from '../../../components/tag-input';
import { useTagsInUse } from '../../../components/use-tags-in-use';
import { graphql } from '../../../gql';

const importFolderMutation = graphql(`
  mutation ImportFolder($path: String!, $tags: [String!]) {
    importFolder(path: $path, tags: $tags) {
      job {
        id
        ...JobCard
      }
    }
  }
`);

interface ImportDialogProps {
  readonly onStarted: (jobId: string) => void;
  readonly onHide: () => void;
}

/** Lets the server read one of its own folders. */
export function ImportDialog({ onStarted, onHide }: ImportDialogProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState('');
  const [tags, setTags] = useState<readonly string[]>([]);
  const tagsInUse = useTagsInUse();
  const [start, { loading, error }] = useMutation(importFolderMutation, {
    refetchQueries: [jobsQuery],
    awaitRefetchQueries: true,
  });
  const failure = error === undefined ? null : toFailure(error);

  const submit = async (): Promise<void> => {
    const { data } = await start({ variables: { path: path.trim(), tags: [...tags] } }).catch(() => ({
      data: null, // shown by way of `error`
    }));
    if (data?.importFolder != null) onStarted(data.importFolder.job.id);
  };

  return (
    <Modal show onHide={onHide} centered aria-labelledby="import-title">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() !== '' && !loading) void submit();
        }}
      >
        <Modal.Header closeButton closeLabel={t('common.close')}>
          <Modal.Title as="h2" className="h5" id="import-title">
            {t('gallery.import.title')}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body className="d-grid gap-3">
          <Form.Group controlId="import-path">
            <Form.Label>{t('gallery.import.path')}</Form.Label>
            <Form.Control
              autoFocus
              required
              className="font-monospace"
              placeholder="/home/me/pictures"
              spellCheck={false}
              autoCapitalize="none"
              value={path}
              onChange={(event) => setPath(event.target.value)}
              aria-describedby="import-path-help"
            />
            <Form.Text id="import-path-help">{t('gallery.import.pathHelp')}</Form.Text>
          </Form.Group>
          <Form.Group>
            <Form.Label htmlFor="import-tags">{t('gallery.upload.tags')}</Form.Label>
            <TagInput
              id="import-tags"
              value={tags}
              onChange={setTags}
              suggestions={tagsInUse}
              placeholder={t('gallery.tags.hint')}
            />
          </Form.Group>
          {failure?.code === 'FORBIDDEN' || failure?.code === 'BAD_USER_INPUT' ? (
            <div className="alert alert-warning mb-0" role="alert">
              <p>
                <Trans
                  i18nKey="gallery.import.forbidden"
                  values={{ setting: 'IMPORT_ROOTS' }}
                  components={{ code: <code /> }}
                />
              </p>
              <pre className="mb-0 import-example">{`IMPORT_ROOTS=${exampleRoot(path)} npm start`}</pre>
            </div>
          ) : (
            failure !== null && <ErrorNotice failure={failure} />
          )}
        </Modal.Body>
        <Modal.Footer>
          <Button variant="outline-secondary" onClick={onHide}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" disabled={loading || path.trim() === ''}>
            {t(loading ? 'gallery.import.starting' : 'gallery.import.start')}
          </Button>
        </Modal.Footer>
      </Form>
    </Modal>
  );
}

/** What the operator would have to set for this folder. */
function exampleRoot(path: string): string {
  const clean = path.trim().replace(/\/+$/, '');
  return clean.startsWith('/') && /^[\w./-]+$/.test(clean) ? clean : '/home/me/pictures';
}
