import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { TagInput } from '../../../components/tag-input';
import { useTagsInUse } from '../../../components/use-tags-in-use';
import { formatBytes, formatNumber } from '../../../lib/format';
import { uploadLimitsQuery } from '../documents';
import type { ChosenFiles } from './picture-files';

interface UploadDialogProps {
  readonly files: ChosenFiles;
  readonly onUpload: (tags: readonly string[], maxBytes: number | null) => void;
  readonly onHide: () => void;
}

/** What was chosen or dropped, before it is sent: how much it is, and which tags it gets. */
export function UploadDialog({ files: { pictures, others }, onUpload, onHide }: UploadDialogProps) {
  const { t, i18n } = useTranslation();
  const [tags, setTags] = useState<readonly string[]>([]);
  const tagsInUse = useTagsInUse();
  const { data } = useQuery(uploadLimitsQuery);
  const limit = data?.status?.limits.maxUploadBytes ?? null;
  const tooLarge = limit === null ? 0 : pictures.filter(({ size }) => size > limit).length;
  const sent = pictures.length - tooLarge;
  const bytes = pictures.reduce((sum, { size }) => sum + size, 0);
  const number = (value: number): string => formatNumber(i18n.language, value);

  return (
    <Modal show onHide={onHide} centered aria-labelledby="upload-title">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          onUpload(tags, limit);
        }}
      >
        <Modal.Header closeButton closeLabel={t('common.close')}>
          <Modal.Title as="h2" className="h5" id="upload-title">
            {t('gallery.upload.title', { count: pictures.length, number: number(pictures.length) })}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body>
          <p className="text-body-secondary">
            {t('gallery.upload.size', { size: formatBytes(i18n.language, bytes) })}
            {others > 0 && <> {t('gallery.upload.others', { count: others, number: number(others) })}</>}
          </p>
          {tooLarge > 0 && limit !== null && (
            <p className="text-danger-emphasis">
              {t('gallery.upload.tooLarge', {
                count: tooLarge,
                number: number(tooLarge),
                limit: formatBytes(i18n.language, limit),
              })}
            </p>
          )}
          <Form.Label htmlFor="upload-tags">{t('gallery.upload.tags')}</Form.Label>
          <TagInput
            id="upload-tags"
            value={tags}
            onChange={setTags}
            suggestions={tagsInUse}
            placeholder={t('gallery.tags.hint')}
            describedBy="upload-tags-help"
          />
          <Form.Text id="upload-tags-help">{t('gallery.upload.tagsHelp')}</Form.Text>
        </Modal.Body>
        <Modal.Footer>
          <Button variant="outline-secondary" onClick={onHide}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" disabled={sent === 0} autoFocus>
            {t('gallery.upload.start', { count: sent, number: number(sent) })}
          </Button>
        </Modal.Footer>
      </Form>
    </Modal>
  );
}
