import { useEffect, useState } from 'react';
import { addMessages } from '../i18n';
import { isTyping } from '../lib/is-typing';
import { later } from '../navigation/lazy-part';

const KeyboardDialog = later(
  async () => (await Promise.all([import('./keyboard-dialog'), addMessages(['keys'])]))[0].KeyboardDialog,
);

/** Opens the list of keys: by `?`, or by the button of the header, which asks with an event. */
export function KeyboardHelp() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const show = (): void => setOpen(true);
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '?' || event.defaultPrevented || isTyping(event.target)) return;
      event.preventDefault();
      show();
    };
    addEventListener('likeness:keys', show);
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('likeness:keys', show);
      removeEventListener('keydown', onKey);
    };
  }, []);
  return open && <KeyboardDialog onHide={() => setOpen(false)} />;
}
