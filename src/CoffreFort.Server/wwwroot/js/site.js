// Comfort only: every form works without it.
document.querySelector('.notice[data-errors]')?.focus();

for (const zone of document.querySelectorAll('.drop')) {
  const input = zone.querySelector('input[type=file]');
  const over = state => zone.classList.toggle('drop--over', state);
  zone.addEventListener('dragover', event => { event.preventDefault(); over(true); });
  zone.addEventListener('dragleave', event => { if (!zone.contains(event.relatedTarget)) over(false); });
  zone.addEventListener('drop', event => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    input.focus();
  });
}

for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  });
}
