import { useMemo, useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { TagInput } from '../../../components/tag-input';
import { useTagsInUse } from '../../../components/use-tags-in-use';
import { formatNumber } from '../../../lib/format';

export interface TaggedPicture {
  readonly id: string;
  readonly tags: readonly string[];
}

interface TagDialogProps {
  readonly pictures: readonly TaggedPicture[];
  readonly onSave: (add: readonly string[], remove: readonly string[]) => void;
  readonly onHide: () => void;
}

/** The tags of one picture, or those that the pictures of a selection have, with how many of them do. */
export function TagDialog({ pictures, onSave, onHide }: TagDialogProps) {
  const { t, i18n } = useTranslation();
  const tagsInUse = useTagsInUse();
  const [add, setAdd] = useState<readonly string[]>([]);
  const [remove, setRemove] = useState<ReadonlySet<string>>(new Set());
  const present = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { tags } of pictures) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  }, [pictures]);
  const number = (value: number): string => formatNumber(i18n.language, value);
  const toggle = (tag: string): void => {
    const next = new Set(remove);
    if (!next.delete(tag)) next.add(tag);
    setRemove(next);
  };

  return (
    <Modal show onHide={onHide} centered scrollable={false} aria-labelledby="tag-dialog-title">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(add, [...remove]);
        }}
      >
        <Modal.Header closeButton closeLabel={t('common.close')}>
          <Modal.Title as="h2" className="h5" id="tag-dialog-title">
            {t('gallery.tags.title', { count: pictures.length, number: number(pictures.length) })}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body>
          <Form.Label htmlFor="tag-dialog-add">{t('gallery.tags.add')}</Form.Label>
          <TagInput
            id="tag-dialog-add"
            value={add}
            onChange={setAdd}
            suggestions={tagsInUse}
            placeholder={t('gallery.tags.hint')}
          />
          {present.length > 0 && (
            <fieldset className="mt-3">
              <legend className="form-label fs-6">{t('gallery.tags.present')}</legend>
              <div className="tag-toggles">
                {present.map(([tag, count]) => {
                  const gone = remove.has(tag);
                  return (
                    <button
                      key={tag}
                      type="button"
                      className={`tag-toggle ${gone ? 'gone' : ''}`}
                      aria-pressed={gone}
                      title={t(gone ? 'gallery.tags.keep' : 'gallery.tags.remove', { tag })}
                      onClick={() => toggle(tag)}
                    >
                      <span>{tag}</span>
                      {pictures.length > 1 && (
                        <span className="small text-body-secondary tabular">{number(count)}</span>
                      )}
                      <span aria-hidden="true">{gone ? '↺' : '×'}</span>
                    </button>
                  );
                })}
              </div>
            </fieldset>
          )}
        </Modal.Body>
        <Modal.Footer>
          <Button variant="outline-secondary" onClick={onHide}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" disabled={add.length === 0 && remove.size === 0}>
            {t('gallery.tags.save')}
          </Button>
        </Modal.Footer>
      </Form>
    </Modal>
  );
}
