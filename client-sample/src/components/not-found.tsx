import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { usePageTitle } from '../lib/page-title';

export function NotFound() {
  const { t } = useTranslation();
  usePageTitle(t('common.notFoundTitle'));
  return (
    <Container className="py-5 text-center">
      <h1 className="h4">{t('common.notFound')}</h1>
      <Link to="/">{t('common.notFoundHint')}</Link>
    </Container>
  );
}
