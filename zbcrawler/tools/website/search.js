// Find stories in the index that search_index.py wrote beside this file. No library, no server: only files are fetched.
// The index gives candidates. A story is shown only if its own page really has the words.
"use strict";
(() => {
  const here = new URL(".", document.currentScript.src);
  const form = document.querySelector("#search");
  const status = document.querySelector("#found");
  const list = document.querySelector("#stories");
  const more = document.querySelector("#more");
  const AT_ONCE = 10, PAGES = 100, AROUND = 40, LONGEST = 40, CJK = "\u2e80", IN_TITLE = "^", IN_SECTION = "@";
  const HEAD = 10, SINGAPORE = 480;
  const INLINE = "strong, em, sub, sup, a";

  // -- files, each fetched once -----------------------------------------------------------------------------
  const files = new Map();
  const readers = {
    html: (answer) => answer.text(),
    json: (answer) => answer.json(),
    txt: async (answer) => (await answer.text()).split("\n"),
    bin: async (answer) => {
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const end = bytes.indexOf(10);
      return { offsets: JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))), bytes: bytes.subarray(end + 1) };
    },
  };
  const file = (name) => {
    if (!files.has(name)) {
      const asked = fetch(new URL(name, here), name === "index.json" ? { cache: "no-cache" } : {}).then((answer) => {
        if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
        return readers[name.split(".").pop()](answer);
      });
      asked.catch(() => files.delete(name));
      files.set(name, asked);
    }
    return files.get(name);
  };
  const indexOf = async () => {
    const index = await file("index.json");
    if (!index.simplified) {
      const [from, to] = (await file("traditional.txt")).filter((line) => !line.startsWith("#")).map((line) => [...line]);
      index.simplified = simplified = new Map(from.map((character, n) => [character, to[n]]));
      for (const segment of index.segments) {
        let place = 0;
        segment.gone = new Set(segment.dead.map((step) => (place += step)));
        segment.rows = new Map();
        segment.sizes = index.sizes;
      }
    }
    return index;
  };

  // -- the same as search_terms.py ----------------------------------------------------------------------------
  let simplified = new Map();
  const INVISIBLE = /[\u00ad\u200b-\u200f\u2060\ufeff\ud800-\udfff]/gu;
  const normal = (text) => {
    const plain = text.replace(INVISIBLE, "").normalize("NFKC").toLowerCase().replace(/ς/g, "σ");
    return Array.from(plain, (character) => simplified.get(character) || character).join("");
  };
  const segmentsOf = (text) => text.match(/[\p{L}\p{N}\u{20000}-\u{3ffff}]+/gu) || [];
  const terms = (text) => {
    const found = new Set();
    for (const segment of segmentsOf(text)) {
      const units = segment.match(/[\u2e80-\u{10ffff}]|[^\u2e80-\u{10ffff}]+/gu).map((unit) => [...unit].slice(0, LONGEST).join(""));
      units.forEach((unit, place) => {
        if (unit < CJK) found.add(unit);
        if (place) found.add(units[place - 1] + unit);
      });
    }
    return [...found];
  };
  const shardOf = (term, shards) => {
    let crc = -1;
    for (const byte of new TextEncoder().encode(term.replace(/^\^+/, ""))) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return (~crc >>> 0) % shards;
  };

  // -- the stories of a term in a segment ----------------------------------------------------------------------
  const numbersFrom = (bytes, at) => () => {
    let value = 0, scale = 1;
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  const steps = (next, count) => {
    let place = 0;
    return Array.from({ length: count }, () => (place += next()));
  };
  const listOf = async (segment, term) => {
    const shard = shardOf(term, segment.shards);
    const level = async (number) => {
      const { offsets, bytes } = await file(`${segment.name}/terms-${shard}-${number}.bin`);
      return { bytes, at: Object.prototype.hasOwnProperty.call(offsets, term) ? offsets[term] : null };
    };
    const { bytes, at } = await level(0);
    if (at === null) return { length: 0 };
    const beside = bytes[at] + 256 * bytes[at + 1];
    const next = numbersFrom(bytes, at + 2 + beside);
    const length = next();
    const starts = steps(next, next());
    const size = segment.sizes.part;
    const first = steps(next, Math.min(length, size));
    const nextBeside = numbersFrom(bytes, at + 2);
    for (const place of beside ? first.slice(0, HEAD) : []) {
      const [minute, number] = segment.fences[Math.floor(place / segment.sizes.together)];
      const code = nextBeside();
      const row = { minute: minute - nextBeside(), section: nextBeside() };
      if (code) segment.rows.set(place, { page: String(number + (code % 2 ? (code - 1) / 2 : -code / 2)), ...row });
    }
    starts.unshift(first[0]);
    const part = async (number) => {
      if (!number) return first;
      const { bytes, at } = await level(number);
      return steps(numbersFrom(bytes, at), Math.min(length - number * size, size));
    };
    const sets = new Map();
    // Return those of some places that the list has, too. Only the parts that may have them are read.
    const among = async (places) => {
      const parts = places.map((place) => starts.findIndex((_, n) => !(starts[n + 1] <= place)));
      for (const number of new Set(parts)) if (!sets.has(number)) sets.set(number, part(number).then((one) => new Set(one)));
      const has = await Promise.all(parts.map((number) => sets.get(number)));
      return places.filter((place, n) => has[n].has(place));
    };
    return { length, starts, part, among };
  };
  const rowOf = async (segment, place) => {
    if (!segment.rows.has(place)) {
      const { together } = segment.sizes;
      const lines = await file(`${segment.name}/stories-${Math.floor(place / together)}.txt`);
      const [page, minute, section] = lines[place % together].split(" ");
      segment.rows.set(place, { page, minute: Number(minute), section: Number(section) });
    }
    return segment.rows.get(place);
  };

  // -- the stories that have all terms, the newest first ----------------------------------------------------
  const rowsOf = async function* (segment, wanted, { from, to }) {
    const lists = await Promise.all(wanted.map((term) => listOf(segment, term)));
    const [shortest, ...others] = lists.sort((one, other) => one.length - other.length);
    if (!shortest.length) return;
    const since = (minute) => segment.fences.filter((fence) => fence[0] >= minute).length * segment.sizes.together;
    const begin = since(to) - segment.sizes.together, end = since(from);
    for (let number = 0; number < shortest.starts.length && shortest.starts[number] < end; number++) {
      if (shortest.starts[number + 1] <= begin) continue;
      const part = await shortest.part(number);
      const places = part.filter((place) => place >= begin && place < end && !segment.gone.has(place));
      for (let at = 0; at < places.length; at += AT_ONCE) {
        let some = places.slice(at, at + AT_ONCE);
        for (const other of others) some = await other.among(some);
        const rows = await Promise.all(some.map((place) => rowOf(segment, place)));
        yield* rows.filter(({ minute }) => minute >= from && minute < to);
      }
    }
  };
  const merged = async function* (streams) {
    const first = await Promise.all(streams.map((stream) => stream.next()));
    const heads = first.map((head, n) => ({ ...head, stream: streams[n] })).filter((head) => !head.done);
    const newest = (one, other) => other.value.minute - one.value.minute || other.value.page - one.value.page;
    while (heads.length) {
      const [head] = heads.sort(newest);
      yield head.value;
      Object.assign(head, await head.stream.next());
      if (head.done) heads.shift();
    }
  };
  const candidates = async function* (segments, { wanted, section, order, inTitles, ...times }) {
    const seen = new Set();
    for (const mark of inTitles ? [IN_TITLE] : order === "new" ? [""] : [IN_TITLE, ""]) {
      const marked = wanted.map((term) => mark + term).concat(section ? IN_SECTION + section : []);
      for await (const row of merged(segments.map((segment) => rowsOf(segment, marked, times)))) {
        if (!seen.has(row.page)) yield row;
        seen.add(row.page);
      }
    }
  };

  // -- the story's own page ----------------------------------------------------------------------------------
  const storyOf = (source) => {
    const page = new DOMParser().parseFromString(source, "text/html");
    const story = page.querySelector(".story"), title = page.querySelector("h1");
    if (!story || !title) return { title: "", text: "" };
    for (const block of story.querySelectorAll(`:not(${INLINE})`)) {
      block.before("\n");
      block.append("\n");
    }
    return { title: title.textContent.trim(), text: story.textContent };
  };
  // A character with the marks and invisible characters behind it, which have one normal form together.
  const CLUSTER = /.[\p{M}\u00ad\u1160-\u11ff\u200b-\u200f\u2060\ufeff\uff9e\uff9f]*/gsu;
  // Return start and end of a phrase in a text as shown; text and phrase are compared in their normal form.
  const find = (text, phrase) => {
    if (!normal(text).includes(phrase)) return null;
    let compared = "", at = 0;
    const from = [];
    for (const cluster of text.match(CLUSTER)) {
      const plain = normal(cluster);
      for (let n = 0; n < plain.length; n++) from.push(at);
      compared += plain;
      at += cluster.length;
    }
    from.push(at);
    const start = compared.indexOf(phrase);
    return start < 0 ? [0, 0] : [from[start], from[start + phrase.length]];
  };
  const marked = (element, text, place) => {
    if (!place) return element.append(text);
    const mark = document.createElement("mark");
    mark.textContent = text.slice(place[0], place[1]);
    element.append(text.slice(0, place[0]), mark, text.slice(place[1]));
  };
  const around = (text, place) => {
    const line = [text.lastIndexOf("\n", place[0]) + 1, text.indexOf("\n", place[1])];
    const start = Math.max(line[0], place[0] - AROUND);
    const end = Math.min(line[1] < 0 ? text.length : line[1], place[1] + AROUND);
    const before = start > line[0] ? "…" : "";
    return [before + text.slice(start, end) + (end < line[1] ? "…" : ""), place.map((at) => at - start + before.length)];
  };
  const shown = async ({ page, minute, section }, { phrases, inTitles }) => {
    // A page that is missing must not end the search.
    const address = `../story/${encodeURIComponent(page)}.html`;
    const { title, text } = storyOf(await file(address).catch(() => ""));
    const places = phrases.map((phrase) => (inTitles ? null : find(text, phrase)));
    if (!phrases.every((phrase, n) => places[n] || find(title, phrase))) return null;
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = new URL(address, here);
    marked(link, title, find(title, phrases[0]));
    const about = document.createElement("span");
    about.className = "count";
    about.textContent = `${new Date((minute + SINGAPORE) * 60000).toISOString().slice(0, 16).replace("T", " ")} ${labelOf(section)}`;
    item.append(link, about);
    const place = places.find(Boolean);
    if (place) {
      const said = document.createElement("p");
      marked(said, ...around(text, place));
      item.append(said);
    }
    return item;
  };
  const labelOf = (path) => ([...form.elements.section.options].find((one) => one.value === path) || { text: path }).text;

  // -- the page ----------------------------------------------------------------------------------------------
  const NAMES = ["q", "section", "from", "to", "order"];
  const FAILED = "搜索没有成功，请稍后再试。";
  // Return the minute at which a day, month or year begins, or the next one; NaN if the text is none.
  const beginOf = (text, next) => {
    const [, year, month, day] = (/^(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?$/.exec(text) || []).map(Number);
    const date = [year + (next && !month), (month || 1) - 1 + (next && month > 0 && !day), (day || 1) + (next && day > 0)];
    return Date.UTC(...date) / 60000 - SINGAPORE;
  };
  const questionOf = ({ q, section, from, to, order }) => {
    const phrases = normal(q).split(/\s+/).filter(Boolean);
    let wanted = [...new Set(phrases.flatMap(terms))];
    const inTitles = !wanted.length;
    if (inTitles) wanted = [...new Set(phrases.flatMap(segmentsOf))];
    const times = { from: from ? beginOf(from, false) : -Infinity, to: to ? beginOf(to, true) : Infinity };
    return { phrases, wanted, inTitles, section, order, ...times };
  };
  let asked = 0;
  const search = async (values) => {
    const number = ++asked;
    list.replaceChildren();
    more.hidden = true;
    status.textContent = values.q.trim() ? "正在搜索……" : "";
    if (!values.q.trim()) return;
    const { segments, sections } = await indexOf();
    const question = questionOf(values);
    const { wanted, inTitles, from, to, section } = question;
    if (!wanted.length || !(from < to)) {
      status.textContent = wanted.length ? "日期要写成 2024、2024-03 或 2024-03-15，先早后晚。" : "请至少输入一个字。";
      return;
    }
    const note = inTitles ? "只有一个字，所以只找了标题；两个字以上也找正文。" : "";
    const any = wanted.map((term) => (inTitles ? IN_TITLE : "") + term).concat(section ? IN_SECTION + section : []);
    const lengths = segments.map(async (one) => Math.min(...(await Promise.all(any.map((term) => listOf(one, term)))).map((all) => all.length)));
    const most = (await Promise.all(lengths)).reduce((sum, length) => sum + length, 0);
    const rows = candidates(segments, question);
    let count = 0, tried = 0;
    const go = async () => {
      more.hidden = true;
      const until = count + AT_ONCE, enough = tried + PAGES;
      let last = null, isDone = false;
      while (count < until && tried < enough && !isDone) {
        const some = [];
        while (some.length < until - count && !(last = await rows.next()).done) some.push(last.value);
        isDone = last.done || (tried += some.length) >= most;
        const items = await Promise.all(some.map((row) => shown({ ...row, section: sections[row.section] }, question)));
        if (number !== asked) return;
        list.append(...items.filter(Boolean));
        count += items.filter(Boolean).length;
      }
      const total = from === -Infinity && to === Infinity ? `至多 ${most - tried + count} 篇，` : `看过 ${tried} 篇，`;
      status.textContent = (isDone ? (count ? `${count} 篇。` : "没有找到。") : `${total}已显示 ${count} 篇。`) + note;
      more.hidden = isDone;
    };
    more.onclick = async () => {
      const place = list.children.length;
      await go().catch(() => (status.textContent = FAILED));
      (list.children[place] ? list.children[place].querySelector("a") : more).focus();
    };
    await go();
  };
  const fromAddress = () => {
    const address = new URLSearchParams(location.search);
    const values = Object.fromEntries(NAMES.map((name) => [name, address.get(name) || ""]));
    for (const name of NAMES) form.elements[name].value = values[name] || (name === "order" ? "best" : "");
    // An index that was written again in the meantime has other files.
    const first = search(values), number = asked;
    const again = () => {
      files.clear();
      return number === asked ? search(values) : null;
    };
    first.catch(again).catch(() => (status.textContent = FAILED));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = new URL(location.pathname, location.href);
    for (const name of NAMES) {
      const value = form.elements[name].value.trim();
      if (value && (name !== "order" || value !== "best")) address.searchParams.set(name, value);
    }
    history.pushState(null, "", address);
    fromAddress();
  });
  addEventListener("popstate", fromAddress);
  form.hidden = false;
  fromAddress();
})();
