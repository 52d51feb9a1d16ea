import { i18n } from '.';
import { modelsPage } from './messages/en/models-page';

i18n.addResourceBundle('en', 'translation', { models: modelsPage }, true);
