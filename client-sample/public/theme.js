// Before the first paint, so that nothing flashes in the wrong colours. A file of its own: the page allows no inline script.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const chosen = localStorage.getItem('likeness.theme');
    const theme = chosen === 'dark' || chosen === 'light' ? chosen : dark.matches ? 'dark' : 'light';
    document.documentElement.dataset.bsTheme = theme;
  };
  dark.addEventListener('change', apply);
  addEventListener('storage', apply);
  addEventListener('likeness:theme', apply);
  apply();
})();
