// Bundles the sources of the pages into `bundle`, which is committed and embedded in the program.
//
//   node build.mjs            writes the bundle
//   node build.mjs --check    fails if the bundle is not that of the sources, or a vendored file not that of its package
//   node build.mjs --vendor   copies the vendored files from their packages again

import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const within = (...path) => join(here, ...path);

/** Vendored files, and the files of packages that they are copies of. */
const VENDORED = {
  'vendor/preact/preact.mjs': 'preact/dist/preact.mjs',
  'vendor/preact/hooks.mjs': 'preact/hooks/dist/hooks.mjs',
  'vendor/preact/jsxRuntime.mjs': 'preact/jsx-runtime/dist/jsxRuntime.mjs',
  'vendor/preact/LICENSE': 'preact/LICENSE',
  'vendor/uplot/uPlot.mjs': 'uplot/dist/uPlot.esm.js',
  'vendor/uplot/LICENSE': 'uplot/LICENSE',
  'vendor/qr/decode.mjs': 'qr/decode.js',
  'vendor/qr/index.js': 'qr/index.js',
  'vendor/qr/LICENSE': 'qr/LICENSE-MIT',
  'vendor/ed25519/index.mjs': '@noble/ed25519/index.js',
  'vendor/ed25519/LICENSE': '@noble/ed25519/LICENSE',
};

const ALIASES = {
  preact: within('vendor/preact/preact.mjs'),
  'preact/hooks': within('vendor/preact/hooks.mjs'),
  'preact/jsx-runtime': within('vendor/preact/jsxRuntime.mjs'),
  uplot: within('vendor/uplot/uPlot.mjs'),
  'qr/decode.js': within('vendor/qr/decode.mjs'),
  '@noble/ed25519': within('vendor/ed25519/index.mjs'),
};

const NOTICE = '/*! Stagedoor: licences.txt */';

/** The scripts: the one that the page itself loads, and those that it loads when they are needed. */
const SCRIPTS = [
  'booking-page.js', 'chart-page.js', 'chunk.js', 'concert-page.js', 'decoder-page.js', 'desk-page.js', 'door-page.js', 'editor-page.js', 'managed-page.js',
  'own-page.js', 'planner-page.js', 'room-page.js', 'sales-page.js', 'seat-page.js',
];

/** The files of the door as an app, as they are. */
const APP = ['door.webmanifest', 'icon.svg', 'icon-192.png', 'icon-512.png'];

/** A script that another one imports from stays a script of its own. Without this, esbuild makes further chunks of what both need. */
const SEPARATE = {
  name: 'separate scripts',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[a-z-]+-page\.js$/ }, ({ kind, path }) => (kind === 'import-statement' ? { path, external: true } : undefined));
  },
};

/** Styles of one script are text in it. */
const STYLES = {
  name: 'styles as text',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\.css$/ }, ({ kind, path, resolveDir }) => (kind === 'import-statement' ? { path: join(resolveDir, path), namespace: 'text' } : undefined));
    onLoad({ filter: /./, namespace: 'text' }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};

/** Files with lasting names instead of those with a digest. */
function named(files) {
  const names = files.map(([name]) => [name, name.replace(/-[A-Z0-9]{8}\.js$/, '.js')]).filter(([name, lasting]) => name !== lasting);
  const renamed = (text) => names.reduce((known, [from, to]) => known.replaceAll(from, to), text);
  if (new Set(names.map(([, lasting]) => lasting)).size < names.length) throw new Error(`two scripts of one name: ${names.map(([name]) => name).sort()}`);
  return new Map(files.map(([name, content]) => [renamed(name), name.endsWith('.js') ? Buffer.from(renamed(content.toString())) : content]));
}

/** A picture as an address has it, within double quotes. */
const inAddress = (svg) => svg.trim().replaceAll('"', "'").replace(/[<>#%]/g, (character) => encodeURIComponent(character));

/** The files of the bundle, by their names. */
async function bundle() {
  const { outputFiles, warnings } = await build({
    absWorkingDir: here,
    entryPoints: { app: 'src/app.jsx', style: 'src/style.css' },
    outdir: 'bundle',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['chrome116', 'firefox115', 'safari17.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    alias: ALIASES,
    plugins: [SEPARATE, STYLES],
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    banner: { js: NOTICE },
    logLevel: 'warning',
  });
  if (warnings.length > 0) throw new Error('the sources have warnings');
  const files = named(outputFiles.map(({ path, contents }) => [path.slice(within('bundle').length + 1), Buffer.from(contents)]));
  // All scripts use the modules of the first one, so esbuild makes one chunk of these, and of the entry point a line that imports it.
  // The page loads the chunk itself: one request less.
  if (files.get('app.js').length > 400) throw new Error('app.js is not a single import any more');
  files.delete('app.js');
  const scripts = [...files.keys()].filter((name) => name.endsWith('.js')).sort();
  if (scripts.join() !== SCRIPTS.join()) throw new Error(`other scripts than expected: ${scripts}`);
  // The styles and the icon are in the page: two requests less.
  const [page, icon] = await Promise.all(['index.html', 'icon.svg'].map((name) => readFile(within('src', name), 'utf8')));
  const parts = { style: files.get('style.css').toString().trim(), icon: inAddress(icon) };
  files.set('index.html', Buffer.from(page.replace(/\{(style|icon)\}/g, (_, name) => parts[name])));
  files.delete('style.css');
  // A service worker is no module of the pages, and the app of the door has files of its own.
  const { code } = await transform(await readFile(within('src', 'door-worker.js'), 'utf8'), { minify: true, target: 'chrome116' });
  files.set('door-worker.js', Buffer.from(code));
  for (const name of APP) files.set(name, await readFile(within('src', name)));
  const licences = ['ed25519', 'preact', 'qr', 'uplot'].map(async (name) => `${name}\n\n${await readFile(within('vendor', name, 'LICENSE'), 'utf8')}`);
  files.set('licences.txt', Buffer.from((await Promise.all(licences)).join('\n')));
  return files;
}

async function check() {
  const wrong = [];
  const made = await bundle();
  const committed = await readdir(within('bundle'));
  for (const name of new Set([...committed, ...made.keys()])) {
    const known = await readFile(within('bundle', name)).catch(() => undefined);
    if (!known || !made.get(name)?.equals(known)) wrong.push(`bundle/${name}: run make pages`);
  }
  for (const [copy, original] of Object.entries(VENDORED)) {
    const [one, other] = await Promise.all([within(copy), within('node_modules', original)].map((path) => readFile(path)));
    if (!one.equals(other)) wrong.push(`${copy} is not ${original}`);
  }
  if (wrong.length) throw new Error(wrong.join('\n'));
}

async function vendor() {
  for (const [copy, original] of Object.entries(VENDORED)) {
    await mkdir(dirname(within(copy)), { recursive: true });
    await copyFile(within('node_modules', original), within(copy));
  }
}

async function write() {
  const files = await bundle();
  await rm(within('bundle'), { recursive: true, force: true });
  await mkdir(within('bundle'));
  for (const [name, content] of files) await writeFile(within('bundle', name), content);
}

const tasks = { '--check': check, '--vendor': vendor };
await (tasks[process.argv[2]] ?? write)();
