import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Container className="py-5 text-center">
      <h1 className="h4">{t('common.notFound')}</h1>
      <Link to="/">{t('common.notFoundHint')}</Link>
    </Container>
  );
}
