// Where oneDNN's headers and library are: ONEDNN_ROOT, then pkg-config, then the usual places.
// `node find_onednn.mjs include|libraries` prints compiler arguments for binding.gyp.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const Header = join('oneapi', 'dnnl', 'dnnl.hpp');

function pkgConfig(...args) {
  for (const name of ['dnnl', 'onednn']) {
    try {
      return execFileSync('pkg-config', [...args, name], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      // not known under this name, or no pkg-config
    }
  }
  return undefined;
}

/** Folders under a prefix that may hold libraries, Debian's multiarch ones among them. */
function libraryFolders(prefix) {
  const folders = ['lib', 'lib64'].map((name) => join(prefix, name)).filter(existsSync);
  for (const folder of [...folders]) {
    for (const entry of readdirSync(folder)) {
      if (/-linux-gnu/.test(entry)) folders.push(join(folder, entry));
    }
  }
  return folders;
}

function underPrefix(prefix) {
  if (!existsSync(join(prefix, 'include', Header))) return undefined;
  const library = libraryFolders(prefix).find((folder) =>
    ['libdnnl.so', 'libdnnl.dylib', 'libdnnl.a'].some((file) => existsSync(join(folder, file))),
  );
  return library && { include: join(prefix, 'include'), library };
}

function versionOf(include) {
  const text = readFileSync(join(include, 'oneapi', 'dnnl', 'dnnl_version.h'), 'utf8');
  const part = (name) => /\d+/.exec(text.split(`DNNL_VERSION_${name} `)[1] ?? '')?.[0];
  return [part('MAJOR'), part('MINOR'), part('PATCH')].join('.');
}

/** @returns {{include: string, library: string, version: string, system: boolean} | undefined} */
export function findOnednn(env = process.env) {
  const root = env.ONEDNN_ROOT;
  const prefixes = root
    ? [root]
    : [
        pkgConfig('--variable=prefix'),
        '/usr',
        '/usr/local',
        '/opt/homebrew',
        '/opt/intel/oneapi/dnnl/latest',
      ].filter((prefix) => prefix);
  for (const prefix of prefixes) {
    const found = underPrefix(prefix);
    if (found) return { ...found, version: versionOf(found.include), system: prefix === '/usr' };
  }
  return undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const found = findOnednn();
  if (!found) process.exit(1);
  if (process.argv[2] === 'include') {
    // The compiler looks in /usr/include by itself, and in the right order.
    console.log(found.system ? '' : found.include);
  } else {
    console.log(found.system ? '-ldnnl' : `-L${found.library} -Wl,-rpath,${found.library} -ldnnl`);
  }
}
