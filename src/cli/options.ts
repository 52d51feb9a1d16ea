import { InvalidArgumentError } from 'commander';

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

export const integerBetween =
  (min: number, max: number) =>
  (text: string): number => {
    if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };

export const numberBetween =
  (min: number, max: number) =>
  (text: string): number => {
    if (text.trim() !== '' && Number(text) >= min && Number(text) <= max) return Number(text);
    throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`);
  };
