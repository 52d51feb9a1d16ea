import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../lib/page-title';

export function SearchPage() {
  const { t } = useTranslation();
  usePageTitle(t('search.title'));
  return (
    <Container fluid="xxl" className="py-4">
      <h1 className="h3">{t('search.title')}</h1>
    </Container>
  );
}
