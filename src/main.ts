import { isMainThread } from 'node:worker_threads';
import { serve } from './serve.js';

if (isMainThread) process.exit(await serve({}));
