// Before the first paint, so that nothing flashes in the wrong colours or the other language. A file of its own: the page
// allows no inline script.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const chosen = localStorage.getItem('likeness.theme');
    const theme = chosen === 'dark' || chosen === 'light' ? chosen : dark.matches ? 'dark' : 'light';
    root.dataset.bsTheme = theme;
  };
  dark.addEventListener('change', apply);
  addEventListener('storage', apply);
  addEventListener('likeness:theme', apply);
  apply();

  // What was chosen here before, else the first of the browser's languages that we have.
  const known = (tag) => ['en', 'zh'].includes(tag);
  const chosen = localStorage.getItem('likeness.language');
  const spoken = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(known);
  root.lang = (known(chosen) ? chosen : spoken) === 'zh' ? 'zh-CN' : 'en';
})();
