// Sends a deposit with its progress. Without this script the same form sends itself, and the answer is a page.
for (const form of document.querySelectorAll('form[data-upload]')) form.addEventListener('submit', event => send(form, event));

function send(form, event) {
  event.preventDefault();
  const inputs = [...form.querySelectorAll('input[type=file]:not([data-beside])')];
  const beside = form.querySelector('input[data-beside]');
  const input = inputs.find(one => one.files.length > 0);
  const first = inputs[0];
  if (!input) return complain(form, first.dataset.none, first);
  if (input.files[0].size > Number(first.dataset.limit)) return complain(form, first.dataset.tooLarge, input);
  if (beside?.files[0]?.size > Number(beside.dataset.limit)) return complain(form, beside.dataset.tooLarge, beside);
  const area = form.querySelector('[data-upload-progress]');
  const bar = area.querySelector('progress');
  const text = area.querySelector('[role=status]');
  const submit = form.querySelector('button:not([type=button])');
  const request = new XMLHttpRequest();
  const end = () => { area.hidden = true; submit.disabled = false; };
  const fail = () => { end(); complain(form, request.response?.detail ?? area.dataset.broken, submit); };
  form.querySelector('[data-upload-error]')?.remove();
  submit.disabled = true;
  area.hidden = false;
  request.upload.addEventListener('progress', event => {
    const percent = event.total > 0 ? Math.floor(100 * event.loaded / event.total) : 0;
    bar.value = percent;
    text.textContent = percent < 100 ? area.dataset.sending.replace('{0}', percent) : area.dataset.sealing;
  });
  request.addEventListener('load', () => request.response?.location ? location.assign(request.response.location) : fail());
  request.addEventListener('error', fail);
  request.addEventListener('abort', end);
  area.querySelector('[data-upload-stop]').onclick = () => request.abort();
  request.open('POST', form.action);
  request.responseType = 'json';
  request.setRequestHeader('Accept', 'application/json');
  request.send(new FormData(form));
}

function complain(form, message, where) {
  form.querySelector('[data-upload-error]')?.remove();
  const notice = document.createElement('div');
  notice.className = 'notice notice--error';
  notice.dataset.uploadError = '';
  notice.setAttribute('role', 'alert');
  const body = document.createElement('div');
  body.className = 'notice__body';
  body.append(document.createElement('p'));
  body.firstChild.textContent = message;
  notice.append(document.createElement('span'), body);
  form.prepend(notice);
  notice.scrollIntoView({ block: 'nearest' });
  where.focus({ preventScroll: true });
}
