// Opens pages in Chromium as people do, and tells what it saw as JSON: `look.mjs <tools> <pictures> <page>…`.
//
// Each page is looked at on a phone, a tablet and a desktop, light and dark, and on paper. It judges nothing. A
// picture of each look, and what a printer would get, stay in the folder for pictures.
//
// Chromium is asked by its own protocol over two pipes: a message is JSON, and a zero byte ends it.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [tools, pictures, ...pages] = process.argv.slice(2);

const LOOKS = [
  ...[
    ['phone', 360, 780],
    ['tablet', 768, 1024],
    ['desktop', 1440, 900],
  ].flatMap(([name, width, height]) =>
    ['light', 'dark'].map((scheme) => ({ name: `${name}-${scheme}`, width, height, scheme, media: 'screen' })),
  ),
  // A4 in the pixels of CSS, without its margins.
  { name: 'paper', width: 718, height: 1047, scheme: 'light', media: 'print' },
];

// Higher pictures cannot be drawn in one piece.
const HIGHEST = 14000;

// The same letters on each machine, so that lines are as wide; signs that they lack come from the system.
const fonts = (home) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(tools, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(home, 'fonts-cache')}</cachedir>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="strong"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`;

class Chromium {
  #next = 0;
  #answers = new Map();
  #heard = new Set();
  #rest = Buffer.alloc(0);

  constructor() {
    this.home = mkdtempSync(join(tmpdir(), 'chromium-'));
    const letters = join(this.home, 'fonts.conf');
    writeFileSync(letters, fonts(this.home));
    const flags = [
      '--headless',
      // There are no foreign pages here, and inside of a container Chromium has no rights to build its sandbox.
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--hide-scrollbars',
      '--font-render-hinting=none',
      `--user-data-dir=${this.home}`,
      '--remote-debugging-pipe',
    ];
    this.process = spawn(join(tools, 'chromium'), flags, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        HOME: this.home,
        LD_LIBRARY_PATH: join(tools, 'lib'),
        FONTCONFIG_FILE: letters,
      },
    });
    this.words = '';
    this.process.stderr.on('data', (data) => (this.words += data));
    this.process.on('error', (error) => this.#end(error.message));
    this.process.on('exit', (code, signal) => this.#end(`it ended with ${code ?? signal}`));
    // Writing to a browser that has ended fails here; its exit tells why.
    this.process.stdio[3].on('error', () => {});
    this.process.stdio[4].on('data', (data) => this.#take(data));
  }

  #end(why) {
    for (const { refuse } of this.#answers.values()) refuse(new Error(`Chromium: ${why}\n${this.words}`));
    this.#answers.clear();
  }

  #take(data) {
    this.#rest = Buffer.concat([this.#rest, data]);
    for (let end; (end = this.#rest.indexOf(0)) >= 0; ) {
      const message = JSON.parse(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end + 1);
      const answer = this.#answers.get(message.id);
      this.#answers.delete(message.id);
      if (!answer) for (const hear of this.#heard) hear(message.method, message.params);
      else if (message.error) answer.refuse(new Error(`${answer.method}: ${message.error.message}`));
      else answer.take(message.result);
    }
  }

  ask(method, params = {}) {
    return new Promise((take, refuse) => {
      const id = ++this.#next;
      this.#answers.set(id, { take, refuse, method });
      this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`);
    });
  }

  hear(listener) {
    this.#heard.add(listener);
    return () => this.#heard.delete(listener);
  }

  once(method) {
    return new Promise((take) => {
      const stop = this.hear((name, params) => name === method && (stop(), take(params)));
    });
  }

  // The value of an expression in the page. The page's own rules against scripts do not bind who looks at it.
  async value(expression) {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.ask('Runtime.evaluate', params);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async open() {
    const { targetId } = await this.ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true });
    this.session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.ask(`${domain}.enable`);
  }

  async close() {
    this.session = undefined;
    const ended = new Promise((take) => this.process.on('exit', take));
    await this.ask('Browser.close').catch(() => {});
    await ended;
    rmSync(this.home, { recursive: true, force: true });
  }
}

// What the page says of itself. It runs inside the page.
function seen() {
  const name = (it) => `${it.localName}${it.id && `#${it.id}`}.${it.getAttribute('class') ?? ''}: ${it.textContent.trim().slice(0, 60)}`;
  const root = document.documentElement;
  // What lies in a box that scrolls, or is only there to be read aloud.
  const excused = (it) => it.closest('.scroll') || getComputedStyle(it).clipPath !== 'none';
  const all = [...document.body.querySelectorAll('*')].filter((it) => it.checkVisibility());
  const beyond = (it) => it.getBoundingClientRect().right > root.clientWidth + 1;
  // A box whose content stands out of it, though the page as a whole may be wide enough.
  const bursts = (it) => it instanceof HTMLElement && it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 1;
  return {
    wide: root.scrollWidth > root.clientWidth,
    outside: all.filter((it) => !excused(it) && (beyond(it) || bursts(it))).map(name),
    links: [...document.querySelectorAll('a, area')].map((it) => it.getAttribute('href')),
    anchors: [...document.querySelectorAll('[id]')].map((it) => it.id),
    scripts: document.scripts.length,
    headings: [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((it) => Number(it.localName[1])),
    // What is only for the screen is left out on paper on purpose.
    folded: [...document.querySelectorAll('details:not(.screen) > :not(summary)')].filter((it) => !it.checkVisibility()).length,
  };
}

const axe = readFileSync(join(tools, 'axe.min.js'), 'utf8');

// What axe has against the page as it is now. Only the violations are of interest: `incomplete` is for a person.
async function faults(browser) {
  await browser.value(`${axe};0`);
  return browser.value(`axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations.flatMap(
    (it) => it.nodes.slice(0, 5).map((node) => ({ rule: it.id, impact: it.impact, what: node.failureSummary, where: node.html.slice(0, 300) }))))`);
}

async function look(browser, page, { name, width, height, scheme, media }) {
  const said = [];
  const asked = [];
  const url = pathToFileURL(page).href;
  const stop = browser.hear((method, params) => {
    if (method === 'Runtime.consoleAPICalled') said.push(params.args.map((it) => it.value ?? it.description).join(' '));
    if (method === 'Runtime.exceptionThrown') said.push(params.exceptionDetails.text);
    if (method === 'Log.entryAdded') said.push(params.entry.text);
    if (method === 'Page.javascriptDialogOpening') said.push(`dialog: ${params.message}`);
    if (method === 'Network.requestWillBeSent' && params.request.url !== url) asked.push(params.request.url);
  });
  const mobile = width < 1000 && media === 'screen';
  await browser.ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile });
  const features = [{ name: 'prefers-color-scheme', value: scheme }];
  await browser.ask('Emulation.setEmulatedMedia', { media, features });
  const loaded = browser.once('Page.loadEventFired');
  const { errorText } = await browser.ask('Page.navigate', { url });
  if (errorText) throw new Error(`${url}: ${errorText}`);
  await loaded;
  const folded = await browser.value(`(${seen})()`);
  const file = join(pictures, `${basename(page, '.html')}-${name}`);
  await picture(browser, `${file}.png`, width);
  if (media === 'print') await print(browser, `${file}.pdf`);
  // Whatever is folded has to fit and to be read as well.
  if (media === 'screen') await browser.value(`document.querySelectorAll('details').forEach((it) => { it.open = true; })`);
  const whole = await browser.value(`(${seen})()`);
  const found = await faults(browser);
  stop();
  const outside = [...new Set([...folded.outside, ...whole.outside])];
  const wide = folded.wide || whole.wide;
  return { ...whole, folded: folded.folded, page: basename(page), look: name, wide, outside, said, asked, faults: found };
}

async function picture(browser, file, width) {
  const { cssContentSize } = await browser.ask('Page.getLayoutMetrics');
  const height = Math.min(Math.ceil(cssContentSize.height), HIGHEST);
  const clip = { x: 0, y: 0, width, height, scale: 1 };
  const { data } = await browser.ask('Page.captureScreenshot', { clip, captureBeyondViewport: true });
  writeFileSync(file, Buffer.from(data, 'base64'));
}

async function print(browser, file) {
  const { data } = await browser.ask('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69 });
  writeFileSync(file, Buffer.from(data, 'base64'));
}

const browser = new Chromium();
try {
  await browser.open();
  const looks = [];
  for (const page of pages) for (const one of LOOKS) looks.push(await look(browser, page, one));
  process.stdout.write(JSON.stringify(looks));
} finally {
  await browser.close();
}
