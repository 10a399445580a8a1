/** A person of the app, as its API lists them. */
export interface Person {
  recipient_id: string;
  attributes: Record<string, unknown>;
}

/** What the page may do: nothing from elsewhere but calls of the API, no inline script or style, no text as HTML. */
export const policy = (apiUrl: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    'img-src data:',
    `connect-src 'self' ${new URL(apiUrl).origin}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español', ar: 'العربية' };
const THEMES = { auto: 'as the system', light: 'light', dark: 'dark' };

export interface PageQuery {
  person: string;
  lang: string;
  theme: string;
}

/** The page of a small shop: a bar with the inbox, and a form to choose whose it is and how it looks. */
export function examplePage(
  apiUrl: string,
  base: string,
  people: readonly Person[],
  query: PageQuery,
): string {
  const lang = query.lang in LANGUAGES ? query.lang : 'en';
  const theme = query.theme in THEMES ? query.theme : 'auto';
  // More people than are listed can be shown.
  const names = {
    [query.person]: query.person,
    ...Object.fromEntries(
      people.map(({ recipient_id: id, attributes }) => [id, `${attributes.name ?? id} (${id})`]),
    ),
  };
  return `<!doctype html>
<html lang="${lang}" dir="${lang === 'ar' ? 'rtl' : 'ltr'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${theme === 'auto' ? 'light dark' : theme}">
<title>Inbox example</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${base}/page.css">
<script type="module" src="${base}/carillon-inbox.js"></script>
<script type="module" src="${base}/page.js"></script>
</head>
<body>
<header>
<h1>Inbox example</h1>
<carillon-inbox api-url="${text(apiUrl)}" theme="${theme}" categories="${text('[{"name":"orders","title":"Orders"},{"name":"news","title":"News"}]')}"></carillon-inbox>
</header>
<main>
<form id="look">
${field('Person', 'person', names, query.person)}
${field('Language', 'lang', LANGUAGES, lang)}
${field('Colours', 'theme', THEMES, theme)}
<button>Show</button>
</form>
<form id="send">
<label>Title <input name="title" value="Your order is on its way" required></label>
<label>Text <input name="body" value="It arrives tomorrow between 9 and 12." required></label>
${field('Category', 'category', { '': 'none', orders: 'Orders', news: 'News' }, '')}
<label>Link <input name="url" value="?opened"></label>
<button>Send to this inbox</button>
</form>
<output id="log" aria-live="off"></output>
</main>
</body>
</html>
`;
}

/** The script of the page: all that an app needs is `getToken`. */
export const pageScript = (base: string): string => `const inbox = document.querySelector('carillon-inbox');
const person = document.querySelector('select[name=person]').value;
const post = async (path, body) => {
  const answer = await fetch('${base}/' + path, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};

inbox.getToken = async () => (await post('token', { person })).token;

const log = (line) => {
  const shown = document.createElement('p');
  shown.textContent = line;
  document.querySelector('#log').prepend(shown);
};
inbox.addEventListener('carillon-message', ({ detail }) => log('carillon-message: ' + detail.title));
inbox.addEventListener('carillon-counts', ({ detail }) => log('carillon-counts: ' + JSON.stringify(detail)));
inbox.addEventListener('carillon-open', ({ detail }) => log('carillon-open: ' + detail.title));

document.querySelector('#send').addEventListener('submit', (event) => {
  event.preventDefault();
  post('send', { person, ...Object.fromEntries(new FormData(event.target)) }).catch((error) => log(error.message));
});
`;

export const PAGE_STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
header { display: flex; align-items: center; justify-content: space-between; }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin-block: 1rem; }
label { display: grid; gap: .2rem; }
input, select, button { font: inherit; padding: .3rem .5rem; }
carillon-inbox:not(:defined) { inline-size: 2.5rem; block-size: 2.5rem; }
output p { margin: 0; overflow-wrap: anywhere; }
`;

function field(
  label: string,
  name: string,
  options: Readonly<Record<string, string>>,
  chosen: string,
): string {
  const list = Object.entries(options).map(
    ([value, shown]) =>
      `<option value="${text(value)}"${value === chosen ? ' selected' : ''}>${text(shown)}</option>`,
  );
  return `<label>${label} <select name="${name}">${list.join('')}</select></label>`;
}

const text = (value: string): string =>
  value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
