/** A separate module, loaded with the first request: undici is a megabyte of code, and most runs make no request. */
export { EnvHttpProxyAgent, request } from 'undici';
