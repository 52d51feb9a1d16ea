import { useRef, type ChangeEvent } from 'react';
import Button from 'react-bootstrap/Button';
import Dropdown from 'react-bootstrap/Dropdown';
import ButtonGroup from 'react-bootstrap/ButtonGroup';
import { useTranslation } from 'react-i18next';
import { ACCEPT } from '../../lib/picture-formats';

interface UploadButtonsProps {
  readonly onFiles: (files: readonly File[]) => void;
  readonly onImport: () => void;
}

/** Ways to add pictures: files, a folder of this device, a folder of the server. */
export function UploadButtons({ onFiles, onImport }: UploadButtonsProps) {
  const { t } = useTranslation();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const chosen = (event: ChangeEvent<HTMLInputElement>): void => {
    const list = [...(event.target.files ?? [])];
    event.target.value = ''; // the same files can be chosen again
    if (list.length > 0) onFiles(list);
  };
  return (
    <>
      <Dropdown as={ButtonGroup} align="end">
        <Button onClick={() => files.current?.click()}>{t('gallery.add.files')}</Button>
        <Dropdown.Toggle split aria-label={t('gallery.add.more')} id="gallery-add" />
        <Dropdown.Menu>
          <Dropdown.Item as="button" type="button" onClick={() => files.current?.click()}>
            {t('gallery.add.chooseFiles')}
          </Dropdown.Item>
          <Dropdown.Item as="button" type="button" onClick={() => folder.current?.click()}>
            {t('gallery.add.chooseFolder')}
          </Dropdown.Item>
          <Dropdown.Divider />
          <Dropdown.Item as="button" type="button" onClick={onImport}>
            {t('gallery.add.importFolder')}
          </Dropdown.Item>
        </Dropdown.Menu>
      </Dropdown>
      <input
        ref={files}
        type="file"
        multiple
        accept={ACCEPT}
        hidden
        data-testid="upload-files"
        aria-label={t('gallery.add.chooseFiles')}
        onChange={chosen}
      />
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        // React has no type for it; every browser has it.
        {...{ webkitdirectory: '' }}
        data-testid="upload-folder"
        aria-label={t('gallery.add.chooseFolder')}
        onChange={chosen}
      />
    </>
  );
}
