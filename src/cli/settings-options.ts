import { Option, type Command } from 'commander';
import type { Flags } from '../config.js';
import { SETTINGS } from '../settings.js';

type SettingName = keyof Flags;

/** So many options would bury the rest of the help: only `likeness help serve` shows them. */
export const SETTINGS_GROUP = 'Settings:';

const option = (name: SettingName, help: string): Option =>
  new Option(`--${name.toLowerCase().replaceAll('_', '-')} <value>`, help).helpGroup(SETTINGS_GROUP);

/** Adds an option for each setting: DATABASE_URL becomes `--database-url`. Their values are checked by `loadConfig`. */
export function addSettings(program: Command): void {
  for (const { name, fallback, help } of Object.values(SETTINGS)) {
    program.addOption(option(name, fallback === '' ? help : `${help} (default: ${fallback})`));
  }
}

/** The settings that were given on the command line. */
export function settingsOf(program: Command): Flags {
  const given: Record<string, string | undefined> = program.opts();
  const flags: Partial<Record<SettingName, string>> = {};
  for (const { name, help } of Object.values(SETTINGS)) {
    const value = given[option(name, help).attributeName()];
    if (value !== undefined) flags[name] = value;
  }
  return flags;
}
