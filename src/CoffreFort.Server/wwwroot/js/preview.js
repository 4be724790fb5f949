// Shows a document in place: fetches its bytes (which is recorded as a reading) and hands them to the sandboxed viewer.
for (const preview of document.querySelectorAll('[data-preview]')) {
  const button = preview.querySelector('[data-preview-open]');
  if (button === null) continue;
  button.hidden = false;
  button.addEventListener('click', () => open(preview, button));
}

async function open(preview, button) {
  const { content, media, language, heading, page, wait, failed, locked } = preview.dataset;
  const message = preview.querySelector('[data-preview-message]');
  const say = text => { message.hidden = text === ''; message.textContent = text; };
  button.disabled = true;
  say(wait);
  try {
    const answer = await fetch(content, { headers: { Accept: 'application/problem+json, */*;q=0.5' }, cache: 'no-store' });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      throw new Error(problem.detail ?? failed);
    }
    const bytes = new Uint8Array(await answer.arrayBuffer());
    await hand(preview, { kind: 'document', bytes, mediaType: media, language, title: heading, page }, failed, locked);
    button.hidden = true;
    say('');
  } catch (failure) {
    preview.querySelector('iframe')?.remove();
    button.disabled = false;
    say(failure instanceof TypeError ? failed : failure.message);
  }
}

function hand(preview, handed, failed, locked) {
  return new Promise((resolve, reject) => {
    const frame = document.createElement('iframe');
    frame.title = handed.title;
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.className = 'preview__frame';
    addEventListener('message', function listen(event) {
      // The sandbox has no origin, which is written "null": the window is what tells our frame from another.
      if (event.source !== frame.contentWindow || event.origin !== 'null') return;
      if (event.data?.kind === 'ready') return frame.contentWindow.postMessage(handed, '*', [handed.bytes.buffer]);
      removeEventListener('message', listen);
      if (event.data?.kind === 'shown') resolve();
      else reject(new Error(event.data?.locked ? locked : failed));
    });
    frame.src = '/viewer';
    preview.append(frame);
  });
}
