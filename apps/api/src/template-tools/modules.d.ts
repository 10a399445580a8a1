/** The parts of these packages that are used; they bring no types. */
declare module 'mjml' {
  interface MjmlError {
    line: number;
    message: string;
    tagName: string;
  }
  export default function mjml2html(
    source: string,
    options: {
      validationLevel: 'soft';
      fonts: Record<string, string>;
      keepComments: boolean;
      ignoreIncludes: boolean;
    },
  ): Promise<{ html: string; errors: MjmlError[] }>;
}

declare module 'html-to-text' {
  export function compile(options: object): (html: string) => string;
}
