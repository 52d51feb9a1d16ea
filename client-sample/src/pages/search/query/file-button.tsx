import { useRef, type ReactNode } from 'react';
import Button, { type ButtonProps } from 'react-bootstrap/Button';
import { ACCEPT } from '../../../lib/picture-formats';

interface FileButtonProps extends Pick<ButtonProps, 'variant' | 'size' | 'className'> {
  readonly onFiles: (files: readonly File[]) => void;
  /** Takes a photo where the device can. */
  readonly camera?: boolean;
  readonly children: ReactNode;
}

/** A button that asks for a picture. */
export function FileButton({ onFiles, camera = false, children, ...button }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button {...button} onClick={() => input.current?.click()}>
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept={camera ? 'image/*' : ACCEPT}
        {...(camera && { capture: 'environment' as const })}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          target.value = ''; // the same file may be chosen again
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
