import 'bootstrap/dist/css/bootstrap.min.css';
import './styles/app.css';
import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createApolloClient } from './api/client';
import { Layout } from './components/layout';
import { initI18n } from './i18n';
import { pageAt } from './routes';

// Side by side with the sentences of the frame. What cannot be fetched the page says itself.
pageAt(location.pathname)
  .load()
  .catch(() => {});
await initI18n();

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element #root.');
createRoot(root).render(
  <StrictMode>
    <ApolloProvider client={createApolloClient()}>
      <Layout />
    </ApolloProvider>
  </StrictMode>,
);
