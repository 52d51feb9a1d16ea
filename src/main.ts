import { nameSourcesInStacks } from './lib/stack-traces.js';
import { serve } from './serve.js';

nameSourcesInStacks();
process.exit(await serve({}));
