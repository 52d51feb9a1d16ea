import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.js';
import { hostRules, type HostRules } from '../../src/http/host-guard.js';

const LOOPBACK: HostRules = {
  host: '127.0.0.1',
  allowed: ['photos.example.org', '*.lan.example'],
  machine: 'nas',
};
const LAN: HostRules = { ...LOOPBACK, host: '0.0.0.0', machine: 'NAS.home.arpa' };
const CLOSED: HostRules = { ...LOOPBACK, allowed: [] };

type Case = [host: string | undefined, isOwn: boolean];

const ALWAYS: Case[] = [
  ['localhost', true],
  ['localhost:4000', true],
  ['LOCALHOST:4000', true],
  ['localhost.', true],
  ['localhost.:4000', true],
  ['photos.localhost:4000', true],
  ['127.0.0.1', true],
  ['127.0.0.1:4000', true],
  ['127.8.9.1:4000', true],
  ['[::1]', true],
  ['[::1]:4000', true],
  ['[0:0:0:0:0:0:0:1]:4000', true],
  ['[::ffff:127.0.0.1]:4000', true],
  ['[::ffff:7f00:1]', true],
  ['photos.example.org', true],
  ['Photos.Example.ORG.:443', true],
  ['a.lan.example', true],
  ['a.b.lan.example:80', true],
  ['lan.example', false],
  ['notlan.example', false],
  ['evil.example', false],
  ['evil.example:4000', false],
  ['photos.example.org.evil.example', false],
  ['evilphotos.example.org', false],
  ['localhost.evil.example', false],
  ['evillocalhost', false],
  ['127.0.0.1.evil.example', false],
  ['127.0.0.1.nip.io', false],
  ['127.evil.example', false],
  ['evil.example@127.0.0.1', false],
  ['127.0.0.1@evil.example', false],
  ['127.0.0.1:4000@evil.example', false],
  ['localhost/evil.example', false],
  ['evil.example#localhost', false],
  ['localhost, evil.example', false],
  ['localhost evil.example', false],
  ['localhost:4000:80', false],
  ['localhost:x', false],
  ['[::1', false],
  ['::1', false],
  ['[::1]evil.example', false],
  ['[evil.example]', false],
  ['0x7f000001', false],
  ['2130706433', false],
  ['.', false],
  ['', false],
  [undefined, false],
];

const isOwn = (
  rules: HostRules,
  host: string | undefined,
  more: Record<string, string> = {},
  url = '/',
): boolean => hostRules(rules)({ url, headers: { ...(host !== undefined && { host }), ...more } });

describe.each([
  ['loopback', LOOPBACK, false],
  ['all addresses', LAN, true],
])('hosts of a server on %s', (_where, rules, isOpen) => {
  test.each(ALWAYS)('%s: %s', (host, expected) => expect(isOwn(rules, host)).toBe(expected));

  test.each(['192.168.1.5:4000', '10.0.0.1', '0.0.0.0:4000', '[fe80::1]:4000', '[::ffff:192.168.1.5]'])(
    'address %s',
    (host) => expect(isOwn(rules, host)).toBe(isOpen),
  );
});

test.each<Case>([
  ['nas:4000', true],
  ['NAS', true],
  ['nas.local', true],
  ['nas.home.arpa', true],
  ['nas.evil.example', false],
  ['other.local', false],
])('%s is a name of the machine itself: %s; not on loopback', (host, expected) => {
  expect(isOwn(LAN, host)).toBe(expected);
  expect(isOwn(LOOPBACK, host)).toBe(false);
});

test('without ALLOWED_HOSTS no name is let in, with * every one is', () => {
  expect(isOwn(CLOSED, 'photos.example.org')).toBe(false);
  expect(isOwn({ ...CLOSED, allowed: ['*'] }, 'evil.example')).toBe(true);
});

test('HOST may be a name', () => {
  expect(isOwn({ ...CLOSED, host: 'Photos.lan' }, 'photos.lan:4000')).toBe(true);
});

test.each<[what: string, more: Record<string, string>, url: string, isOwn: boolean]>([
  ['a proxy that was asked for an allowed name', { 'x-forwarded-host': 'photos.example.org' }, '/', true],
  ['a proxy that was asked for another name', { 'x-forwarded-host': 'evil.example' }, '/', false],
  ['two proxies', { 'x-forwarded-host': 'photos.example.org, a.lan.example' }, '/', true],
  [
    'two proxies, one asked for another',
    { 'x-forwarded-host': 'photos.example.org, evil.example' },
    '/',
    false,
  ],
  ['a target with an own host', {}, 'http://localhost:4000/graphql', true],
  ['a target with another host', {}, 'http://evil.example/graphql', false],
  ['a target with another host and credentials', {}, 'http://localhost@evil.example/', false],
])('%s', (_what, more, url, expected) => {
  expect(isOwn(LOOPBACK, 'localhost', more, url)).toBe(expected);
});

test('an allowed name in X-Forwarded-Host does not make up for another Host', () => {
  expect(isOwn(LOOPBACK, 'evil.example', { 'x-forwarded-host': 'photos.example.org' })).toBe(false);
});

test('two Host headers are no host, whatever the first one says', () => {
  const isOwnHost = hostRules(LOOPBACK);
  const rawHeaders = ['Host', 'localhost', 'Accept', 'host'];
  expect(isOwnHost({ url: '/', headers: { host: 'localhost' }, rawHeaders })).toBe(true);
  expect(
    isOwnHost({
      url: '/',
      headers: { host: 'localhost' },
      rawHeaders: [...rawHeaders, 'host', 'evil.example'],
    }),
  ).toBe(false);
});

test.each(['[fd00::1]', 'fd00::1', '[FD00:0:0:0:0:0:0:1]'])(
  'ALLOWED_HOSTS=%s lets that address in',
  (value) => {
    const { host, allowedHosts: allowed } = loadConfig({ ALLOWED_HOSTS: value });
    for (const given of ['[fd00::1]', '[fd00::1]:4000', '[fd00:0::0001]']) {
      expect(isOwn({ host, allowed }, given)).toBe(true);
      expect(isOwn({ host, allowed: [] }, given)).toBe(false);
    }
    expect(isOwn({ host, allowed }, '[fd00::2]')).toBe(false);
  },
);

test('an IPv4 address may be written as an IPv6 one', () => {
  const { host, allowedHosts: allowed } = loadConfig({ ALLOWED_HOSTS: '[::ffff:192.168.1.5]' });
  expect(isOwn({ host, allowed }, '192.168.1.5:4000')).toBe(true);
});

test.each([
  '[fd00::1',
  'fd00::1]',
  '[photos.example.org]',
  '[fd00::1]:4000',
  'fd00:::1',
  '*.fd00::1',
  '[]',
  'fe80::1%eth0',
])('ALLOWED_HOSTS=%s is refused', (value) =>
  expect(() => loadConfig({ ALLOWED_HOSTS: value })).toThrow(/expected host names or addresses/),
);
