import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../lib/page-title';

export function HistoryPage() {
  const { t } = useTranslation();
  usePageTitle(t('history.title'));
  return (
    <Container fluid="xxl" className="py-4">
      <h1 className="h3">{t('history.title')}</h1>
    </Container>
  );
}
