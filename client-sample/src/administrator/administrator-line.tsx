import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { administratorToken, keepAdministratorToken } from '../api/administrator';

/** Lets a visitor who has entered the token remove it again. */
export function AdministratorLine() {
  const { t } = useTranslation();
  const [, redraw] = useState(0);
  if (administratorToken() === null) return null;
  return (
    <p className="small text-body-secondary mt-4 mb-0">
      {t('admin.known')}{' '}
      <Button
        variant="link"
        size="sm"
        className="p-0 align-baseline"
        onClick={() => {
          keepAdministratorToken(null);
          redraw((count) => count + 1);
        }}
      >
        {t('admin.forget')}
      </Button>
    </p>
  );
}
