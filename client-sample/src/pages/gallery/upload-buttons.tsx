import { useRef, type ChangeEvent } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { Menu, MenuItem } from '../../components/menu';
import { ACCEPT } from '../../lib/picture-formats';

interface UploadButtonsProps {
  readonly onFiles: (files: readonly File[]) => void;
  readonly onImport: () => void;
}

/** Ways to add pictures: files, a folder of this device, a folder of the server. */
export function UploadButtons({ onFiles, onImport }: UploadButtonsProps) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const chosen = (event: ChangeEvent<HTMLInputElement>): void => {
    const list = [...(event.target.files ?? [])];
    event.target.value = ''; // the same files can be chosen again
    if (list.length > 0) onFiles(list);
  };
  return (
    <>
      <Menu
        id="gallery-add"
        className="btn-group"
        toggleClass="dropdown-toggle-split btn btn-primary"
        title={<span className="visually-hidden">{t('gallery.add.more')}</span>}
        before={<Button onClick={() => files.current?.click()}>{t('gallery.add.files')}</Button>}
      >
        <MenuItem onClick={() => files.current?.click()}>{t('gallery.add.chooseFiles')}</MenuItem>
        <MenuItem onClick={() => folder.current?.click()}>{t('gallery.add.chooseFolder')}</MenuItem>
        <hr className="dropdown-divider" />
        <MenuItem onClick={onImport}>{t('gallery.add.importFolder')}</MenuItem>
        <MenuItem onClick={() => navigate('/libraries')}>{t('gallery.add.libraries')}</MenuItem>
      </Menu>
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
