// Comfort only: a slider over the timeline's links. Without it they are followed one by one.
for (const timeline of document.querySelectorAll('[data-scrub]')) {
  const links = [...timeline.querySelectorAll('a[href]')];
  if (links.length < 2) continue;
  const label = document.createElement('label');
  label.className = 'field';
  const range = document.createElement('input');
  Object.assign(range, { type: 'range', min: 0, max: links.length - 1, step: 1, value: Math.max(0, links.findIndex(link => link.ariaCurrent)) });
  const said = document.createElement('output');
  const say = () => {
    const link = links[range.value];
    said.textContent = `${link.closest('li').querySelector('time').textContent} – ${link.textContent}`;
    range.setAttribute('aria-valuetext', said.textContent);
  };
  range.addEventListener('input', say);
  range.addEventListener('change', () => { location.href = links[range.value].href; });
  label.append(timeline.dataset.scrub, range, said);
  timeline.before(label);
  say();
}
