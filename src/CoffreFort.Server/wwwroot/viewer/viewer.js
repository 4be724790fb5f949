// Shows one document, in an origin of its own. The page around it hands over the bytes; nothing else is let in or out.
const home = location.origin;
const library = new URL('../lib/pdfjs/', import.meta.url).href;
const pages = document.getElementById('pages');
const sharpest = 4096 * 4096;
let begun = false;

addEventListener('message', event => {
  if (begun || event.source !== parent || event.origin !== home || event.data?.kind !== 'document') return;
  begun = true;
  show(event.data).then(
    () => tell({ kind: 'shown' }),
    failure => tell({ kind: 'failed', locked: failure?.name === 'PasswordException' }));
});
tell({ kind: 'ready' });

function tell(message) {
  parent.postMessage(message, home);
}

async function show({ bytes, mediaType, language, title, page }) {
  document.documentElement.lang = language;
  document.title = title;
  await (mediaType === 'application/pdf' ? showPdf(bytes, page) : showImage(bytes, mediaType, title));
}

async function showImage(bytes, mediaType, title) {
  const image = new Image();
  image.alt = title;
  image.src = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
  await image.decode();
  pages.append(image);
}

async function showPdf(bytes, pageName) {
  const pdf = await import(`${library}pdf.min.mjs`);
  pdf.GlobalWorkerOptions.workerSrc = `${library}pdf.worker.min.mjs`;
  const worker = await start(pdf.GlobalWorkerOptions.workerSrc).catch(() => null);
  const task = pdf.getDocument({
    data: bytes,
    worker: worker === null ? undefined : pdf.PDFWorker.create({ port: worker }),
    isEvalSupported: false,
    enableXfa: false,
    cMapUrl: `${library}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${library}standard_fonts/`,
    wasmUrl: `${library}wasm/`,
    iccUrl: `${library}iccs/`,
  });
  const file = await task.promise;
  const first = await file.getPage(1);
  const shape = first.getViewport({ scale: 1 });
  const near = new IntersectionObserver(entries => {
    for (const entry of entries.filter(entry => entry.isIntersecting)) {
      near.unobserve(entry.target);
      draw(pdf, file, entry.target).catch(() => entry.target.classList.add('page--failed'));
    }
  }, { rootMargin: '100% 0px' });
  for (let number = 1; number <= file.numPages; number++) {
    const sheet = document.createElement('section');
    sheet.className = 'page';
    sheet.dataset.number = number;
    sheet.setAttribute('aria-label', pageName.replace('{0}', number).replace('{1}', file.numPages));
    sheet.style.aspectRatio = `${shape.width} / ${shape.height}`;
    pages.append(sheet);
  }
  await draw(pdf, file, pages.firstElementChild);
  for (const sheet of [...pages.children].slice(1)) near.observe(sheet);
}

// A worker must have its page's origin, and this one has none that an address could name: so it begins with a line of our own, and
// is ready when it says so. Where a browser refuses even that, the library works without one.
function start(address) {
  const line = new Blob([`import(${JSON.stringify(address)}).catch(failure => setTimeout(() => { throw failure; }));`], { type: 'text/javascript' });
  const worker = new Worker(URL.createObjectURL(line));
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', () => resolve(worker), { once: true });
    worker.addEventListener('error', reject, { once: true });
    setTimeout(reject, 10000);
  });
}

async function draw(pdf, file, sheet) {
  const page = await file.getPage(Number(sheet.dataset.number));
  const natural = page.getViewport({ scale: 1 });
  sheet.style.aspectRatio = `${natural.width} / ${natural.height}`;
  const scale = sheet.clientWidth / natural.width;
  const viewport = page.getViewport({ scale });
  const density = Math.min(Math.max(devicePixelRatio, 1), 3, Math.sqrt(sharpest / (viewport.width * viewport.height)));
  const canvas = document.createElement('canvas');
  canvas.width = Math.floor(viewport.width * density);
  canvas.height = Math.floor(viewport.height * density);
  canvas.setAttribute('aria-hidden', 'true');
  sheet.append(canvas);
  await page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] }).promise;
  // The text lies invisibly over the picture, to be selected, searched and read aloud.
  const text = document.createElement('div');
  text.className = 'text';
  text.style.setProperty('--total-scale-factor', scale);
  sheet.append(text);
  await new pdf.TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render();
  page.cleanup();
}
