/** Apart, to be loaded for the first request only: undici is a megabyte of code, and most runs make none. */
export { EnvHttpProxyAgent, request } from 'undici';
