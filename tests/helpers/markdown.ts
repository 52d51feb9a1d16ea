/** What the tests of the documents read in them. */

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** Line of the page, from 1, on which the code begins. */
  readonly line: number;
}

export function codeBlocks(text: string): CodeBlock[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(({ 1: language = '', 2: code = '', index }) => ({
    language,
    code,
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

/** A block of shell or GraphQL without its comments, which are the only thing that is translated. */
export const withoutComments = ({ language, code }: CodeBlock): string =>
  language === 'sh' || language === 'graphql' ? code.replaceAll(/(^|\s+)# .*$/gm, '') : code;

const prose = (text: string): string => text.replaceAll(/^```.*?^```$/gms, '');

/** Targets of links and pictures, without what stands in code. */
export const linkTargets = (text: string): string[] =>
  [
    ...prose(text)
      .replaceAll(/`[^`\n]*`/g, '``')
      .matchAll(/\]\(<?([^)\s>]+)>?\)/g),
  ].map(([, target]) => target as string);

export const headings = (text: string): { readonly level: number; readonly title: string }[] =>
  [...prose(text).matchAll(/^(#+) (.+)$/gm)].map(([, marks = '', title = '']) => ({
    level: marks.length,
    title,
  }));

/** The anchors that GitHub gives to the headings of a page. */
export function anchors(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { title } of headings(text)) {
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let i = 1; found.has(anchor); i++) anchor = `${slug}-${i}`;
    found.add(anchor);
  }
  return found;
}
