import { useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './icon';
import { useUpdateImage, type ChangeableImage } from './use-update-image';

const MAX_TITLE_LENGTH = 200;

/** The title of a picture, renamed in place: Enter or leaving the field saves, Escape restores. */
export function PictureTitle({ image }: { readonly image: ChangeableImage }) {
  const { t } = useTranslation();
  const update = useUpdateImage();
  /** What has been typed; null while it is not being renamed. */
  const [typed, setTyped] = useState<string | null>(null);
  /** By a key: the focus must not be lost with the field. */
  const byKey = useRef(false);

  const save = (): void => {
    const title = typed?.trim();
    if (title !== undefined && title !== image.title) update(image, { title });
    setTyped(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return;
    // Or Escape would close the whole picture.
    event.preventDefault();
    event.stopPropagation();
    byKey.current = true;
    if (event.key === 'Enter') save();
    else setTyped(null);
  };

  if (typed !== null)
    return (
      <input
        className="form-control form-control-sm mb-2"
        aria-label={t('lightbox.title')}
        maxLength={MAX_TITLE_LENGTH}
        value={typed}
        ref={(field) => {
          if (field !== null && document.activeElement !== field) field.focus();
        }}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={save}
      />
    );
  return (
    <div className="picture-title">
      <h2 className="h6 mb-0 text-break">{image.title || t('common.untitled')}</h2>
      <button
        type="button"
        aria-label={t('lightbox.rename')}
        title={t('lightbox.rename')}
        ref={(button) => {
          if (button !== null && byKey.current) button.focus();
          byKey.current = false;
        }}
        onClick={() => setTyped(image.title)}
      >
        <Icon name="pencil" />
      </button>
    </div>
  );
}
