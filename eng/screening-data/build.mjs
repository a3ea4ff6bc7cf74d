// Builds src/Probity.Screening/Data/{names,pinyin}.txt from two npm packages. Run: npm ci && node build.mjs
// @faker-js/faker (MIT): person names of some 70 locales, with weights where the locale gives them.
// any-ascii (ISC): Mandarin readings of Han characters.
import { writeFileSync } from 'node:fs';
import { allLocales } from '@faker-js/faker';
import anyAsciiModule from 'any-ascii';

const anyAscii = anyAsciiModule.default ?? anyAsciiModule;
const target = new URL('../../src/Probity.Screening/Data/', import.meta.url);
const best = new Map(); // "G|S" -> name -> highest share in any locale

function add(kind, name, share) {
  for (const part of name.normalize('NFC').split(/[\s\-]+/u)) {
    // One character is a name in Han and Hangul only: nearly all surnames there.
    if (!/^([\p{L}\p{M}'’`]{2,}|[\p{Script=Han}\p{Script=Hangul}])$/u.test(part)) continue;
    const key = part.toLowerCase();
    const row = best.get(key) ?? { G: 0, S: 0 };
    row[kind] = Math.max(row[kind], share);
    best.set(key, row);
  }
}

function addLists(kind, definition) {
  if (!definition) return;
  const lists = Array.isArray(definition) ? [definition] : Object.values(definition);
  for (const list of lists) {
    if (!Array.isArray(list) || list.length < 5) continue;
    const rows = list.map(row => typeof row === 'string' ? { value: row, weight: 1 } : row);
    const total = rows.reduce((sum, row) => sum + row.weight, 0);
    // A gendered list covers half of a population.
    const half = kind === 'G' && lists.length > 1 ? 2 : 1;
    for (const row of rows) add(kind, row.value, row.weight / total / half);
  }
}

for (const [code, locale] of Object.entries(allLocales)) {
  const person = locale.person;
  if (!person || code === 'base' || code === 'eo') continue;
  addLists('G', person.first_name);
  addLists('G', person.middle_name);
  addLists('S', person.last_name);
}

// Half bits: 2 * -log2(share), at most 40; a dash where the name was not seen in that place.
const bits = share => share === 0 ? '-' : String(Math.min(40, Math.round(-2 * Math.log2(share))));
const names = [...best].map(([name, row]) => `${name}\t${bits(row.G)}\t${bits(row.S)}`);
names.sort((a, b) => (a < b ? -1 : 1));
writeFileSync(new URL('names.txt', target), names.join('\n') + '\n');

const syllables = new Map();
for (let code = 0x3400; code <= 0x9fff; code++) {
  const text = anyAscii(String.fromCodePoint(code)).toLowerCase();
  if (!/^[a-z]{1,6}$/.test(text)) continue;
  syllables.set(text, (syllables.get(text) ?? '') + String.fromCodePoint(code));
}
const lines = [...syllables].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([s, chars]) => `${s}\t${chars}`);
writeFileSync(new URL('pinyin.txt', target), lines.join('\n') + '\n');
console.log(`${names.length} names, ${lines.length} syllables`);

// Everything that is neither Han nor Hangul: the engine's own tables override this for the scripts it knows well.
const folds = [];
const ranges = [[0xaa, 0x2af], [0x370, 0x58f], [0x5d0, 0x5f4], [0x620, 0x6ff], [0x900, 0x10ff], [0x13a0, 0x13ff],
  [0x1e00, 0x1fff], [0x3041, 0x30ff], [0xfb00, 0xfdff], [0xfe70, 0xfefc], [0xff21, 0xff9f]];
for (const [from, to] of ranges) {
  for (let code = from; code <= to; code++) {
    const char = String.fromCodePoint(code);
    const text = anyAscii(char).toLowerCase().replace(/[^a-z0-9]/g, '');
    if (/\p{L}|\p{M}|\p{N}/u.test(char) && text) folds.push(`${char}\t${text}`);
  }
}
writeFileSync(new URL('letters.txt', target), folds.join('\n') + '\n');
console.log(`${folds.length} letters`);

// Arabic presentation forms, as old fonts and PDF files leave them, back to letters (Unicode NFKC).
const forms = [];
for (const [from, to] of [[0xfb50, 0xfdff], [0xfe70, 0xfefc]]) {
  for (let code = from; code <= to; code++) {
    const char = String.fromCodePoint(code);
    const base = char.normalize('NFKC').replace(/[^\u0621-\u06d3]/gu, '');
    if (base && base !== char) forms.push(`${char}\t${base}`);
  }
}
writeFileSync(new URL('arabic_forms.txt', target), forms.join('\n') + '\n');
