import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { FolderRefused } from '../../../administrator/folder-refused';
import { LibraryRefusal } from '../../../administrator/library-refusal';
import { useAdministered } from '../../../administrator/use-administered';
import { AS_ADMINISTRATOR } from '../../../api/administrator';
import type { Failure } from '../../../api/errors';
import { ErrorNotice } from '../../../components/error-notice';
import { jobsQuery } from '../../../components/job-card';
import { FolderField } from '../../../components/folder-field';
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

const followFolderMutation = graphql(`
  mutation FollowFolder($path: String!, $tags: [String!]) {
    addLibrary(path: $path, tags: $tags) {
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

/** Lets the server read one of its own folders, once or from now on. */
export function ImportDialog({ onStarted, onHide }: ImportDialogProps) {
  const { t } = useTranslation();
  const client = useApolloClient();
  const [path, setPath] = useState('');
  const [tags, setTags] = useState<readonly string[]>([]);
  const tagsInUse = useTagsInUse();
  const [inPlace, setInPlace] = useState(false);
  const [loading, setLoading] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { attempt, dialog, isAsking } = useAdministered();

  const start = async (): Promise<void> => {
    setLoading(true);
    try {
      const variables = { path: path.trim(), tags: [...tags] };
      const options = { refetchQueries: [jobsQuery], awaitRefetchQueries: true, variables };
      const job = inPlace
        ? (await client.mutate({ ...options, mutation: followFolderMutation, context: AS_ADMINISTRATOR }))
            .data?.addLibrary?.job
        : (await client.mutate({ ...options, mutation: importFolderMutation })).data?.importFolder?.job;
      if (job !== undefined) onStarted(job.id);
    } finally {
      setLoading(false);
    }
  };
  const submit = (): void => {
    setFailure(null);
    attempt(start, setFailure).catch(() => {}); // it never rejects
  };

  return (
    <>
      <Modal show={!isAsking} onHide={onHide} centered aria-labelledby="import-title">
        <Form
          onSubmit={(event) => {
            event.preventDefault();
            if (path.trim() !== '' && !loading) submit();
          }}
        >
          <Modal.Header closeButton closeLabel={t('common.close')}>
            <Modal.Title as="h2" className="h5" id="import-title">
              {t('gallery.import.title')}
            </Modal.Title>
          </Modal.Header>
          <Modal.Body className="d-grid gap-3">
            <FolderField
              id="import-path"
              label={t('gallery.import.path')}
              help={t('gallery.import.pathHelp')}
              value={path}
              onChange={setPath}
            />
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
            <div>
              <Form.Check
                id="import-in-place"
                label={t('gallery.import.inPlace')}
                checked={inPlace}
                onChange={({ target }) => {
                  setInPlace(target.checked);
                  setFailure(null);
                }}
                aria-describedby="import-in-place-help"
              />
              <Form.Text id="import-in-place-help">{t('gallery.import.inPlaceHelp')}</Form.Text>
            </div>
            {failure !== null && <Refusal failure={failure} path={path} inPlace={inPlace} />}
          </Modal.Body>
          <Modal.Footer>
            <Button variant="outline-secondary" onClick={onHide}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" disabled={loading || path.trim() === ''}>
              {t(
                loading
                  ? 'gallery.import.starting'
                  : inPlace
                    ? 'gallery.import.follow'
                    : 'gallery.import.start',
              )}
            </Button>
          </Modal.Footer>
        </Form>
      </Modal>
      {dialog}
    </>
  );
}

interface RefusalProps {
  readonly failure: Failure;
  readonly path: string;
  readonly inPlace: boolean;
}

function Refusal({ failure, path, inPlace }: RefusalProps) {
  if (inPlace) return <LibraryRefusal failure={failure} path={path} />;
  return failure.code === 'FORBIDDEN' || failure.code === 'BAD_USER_INPUT' ? (
    <FolderRefused path={path} />
  ) : (
    <ErrorNotice failure={failure} />
  );
}
