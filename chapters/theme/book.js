// SPDX-License-Identifier: MIT
// Comfort only: without this script every page is complete.
'use strict';
{
  const root = document.documentElement;
  const all = (css, from = document) => [...from.querySelectorAll(css)];

  // Colours: as the system says, always light, always dark.
  const shade = document.querySelector('.shade');
  const show = value => {
    root.dataset.theme = value;
    shade.title = 'Colours: ' + value;
    shade.setAttribute('aria-label', shade.title);
  };
  show(root.dataset.theme || 'auto');
  shade.onclick = () => {
    const order = ['auto', 'light', 'dark'];
    show(order[(order.indexOf(root.dataset.theme) + 1) % order.length]);
    try { localStorage.theme = root.dataset.theme } catch { }
  };

  // Copy a listing: no call-outs, and of a console session the commands alone.
  for (const figure of all('.listingblock')) {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'copy', textContent: 'Copy' });
    button.onclick = async () => {
      const pre = figure.querySelector('pre').cloneNode(true);
      const session = all('.gp', pre).length > 0;
      all('.conum', pre).forEach(mark => mark.remove());
      let lines = pre.textContent.split('\n').map(line => line.trimEnd());
      if (session) lines = lines.filter(line => line.startsWith('$')).map(line => line.slice(1).trimStart());
      const text = lines.join('\n').trimEnd() + '\n';
      try { await navigator.clipboard.writeText(text) } catch {
        const area = Object.assign(document.createElement('textarea'), { value: text });
        document.body.append(area);
        area.select();
        document.execCommand('copy');
        area.remove();
      }
      button.textContent = 'Copied';
      setTimeout(() => button.textContent = 'Copy', 1500);
    };
    figure.append(button);
  }

  // What scrolls sideways can be reached by keyboard.
  const frames = all('pre, .scroll, .lanes');
  const reach = frame => frame.scrollWidth > frame.clientWidth
    ? frame.tabIndex = 0 : frame.removeAttribute('tabindex');
  const resized = new ResizeObserver(seen => seen.forEach(({ target }) => reach(target)));
  frames.forEach(frame => resized.observe(frame));
  document.fonts.ready.then(() => frames.forEach(reach));

  // The section that is being read.
  const links = new Map(all('#nav li li a').map(link => [decodeURIComponent(link.hash.slice(1)), link]));
  const headings = [...links.keys()].map(id => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const line = innerHeight / 4;
    const past = headings.filter(heading => heading.getBoundingClientRect().top < line);
    const at = past.at(-1);
    links.forEach((link, id) => link.classList.toggle('here', at !== undefined && at.id === id));
  };
  if (headings.length) {
    addEventListener('scroll', mark, { passive: true });
    mark();
  }
  all('#nav a').forEach(link => link.addEventListener('click', () => document.getElementById('nav').hidePopover?.()));

  // Turn the page with the arrow keys.
  addEventListener('keydown', event => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest('input, textarea, select, pre, .scroll, .lanes')) return;
    const rel = { ArrowLeft: 'prev', ArrowRight: 'next' }[event.key];
    if (rel) document.querySelector(`#turn [rel=${rel}]`)?.click();
  });
}
