import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { LibraryRefusal } from '../../administrator/library-refusal';
import type { Failure } from '../../api/errors';
import { FolderField } from '../../components/folder-field';
import { TagInput } from '../../components/tag-input';
import { useTagsInUse } from '../../components/use-tags-in-use';

export interface NewLibrary {
  readonly path: string;
  /** Null for the name of the folder. */
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly exclude: readonly string[];
}

interface AddDialogProps {
  /** While the token is asked for. */
  readonly hidden: boolean;
  readonly busy: boolean;
  readonly failure: Failure | null;
  readonly onAdd: (library: NewLibrary) => void;
  readonly onHide: () => void;
}

const MAX_NAME = 100;

export function AddDialog({ hidden, busy, failure, onAdd, onHide }: AddDialogProps) {
  const { t } = useTranslation();
  const tagsInUse = useTagsInUse();
  const [path, setPath] = useState('');
  const [name, setName] = useState('');
  const [tags, setTags] = useState<readonly string[]>([]);
  const [exclude, setExclude] = useState('');
  const submit = (): void => {
    const patterns = exclude.split('\n').map((line) => line.trim());
    onAdd({
      path: path.trim(),
      name: name.trim() === '' ? null : name.trim(),
      tags,
      exclude: patterns.filter((pattern) => pattern !== ''),
    });
  };
  return (
    <Modal show={!hidden} onHide={onHide} centered aria-labelledby="add-library-title">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() !== '' && !busy) submit();
        }}
      >
        <Modal.Header closeButton closeLabel={t('common.close')}>
          <Modal.Title as="h2" className="h5" id="add-library-title">
            {t('libraries.add.title')}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body className="d-grid gap-3">
          <FolderField
            id="library-path"
            label={t('libraries.add.path')}
            help={t('libraries.add.pathHelp')}
            value={path}
            onChange={setPath}
          />
          <Form.Group controlId="library-name">
            <Form.Label>{t('libraries.add.name')}</Form.Label>
            <Form.Control
              maxLength={MAX_NAME}
              value={name}
              onChange={({ target }) => setName(target.value)}
              aria-describedby="library-name-help"
            />
            <Form.Text id="library-name-help">{t('libraries.add.nameHelp')}</Form.Text>
          </Form.Group>
          <Form.Group>
            <Form.Label htmlFor="library-tags">{t('libraries.add.tags')}</Form.Label>
            <TagInput
              id="library-tags"
              value={tags}
              onChange={setTags}
              suggestions={tagsInUse}
              placeholder={t('libraries.add.tagsHint')}
            />
          </Form.Group>
          <Form.Group controlId="library-exclude">
            <Form.Label>{t('libraries.add.exclude')}</Form.Label>
            <Form.Control
              as="textarea"
              rows={2}
              className="font-monospace"
              placeholder={'raw/\n*.tif'}
              spellCheck={false}
              autoCapitalize="none"
              value={exclude}
              onChange={({ target }) => setExclude(target.value)}
              aria-describedby="library-exclude-help"
            />
            <Form.Text id="library-exclude-help">{t('libraries.add.excludeHelp')}</Form.Text>
          </Form.Group>
          {failure !== null && <LibraryRefusal failure={failure} path={path} />}
        </Modal.Body>
        <Modal.Footer>
          <Button variant="outline-secondary" onClick={onHide}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" disabled={busy || path.trim() === ''}>
            {t('libraries.add.start')}
          </Button>
        </Modal.Footer>
      </Form>
    </Modal>
  );
}
