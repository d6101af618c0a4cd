// Find stories in the index that search_index.py wrote beside this file. No library, no server: only files are fetched.
// The index gives candidates. A story is shown only if its own page really has the words.
"use strict";
(() => {
  const here = new URL(".", document.currentScript.src);
  const form = document.querySelector("#search");
  const status = document.querySelector("#found");
  const list = document.querySelector("#stories");
  const more = document.querySelector("#more");
  const AT_ONCE = 10, AROUND = 40, LONGEST = 40, PRIME = 65521, CJK = "\u2e80", IN_TITLE = "^";
  const INLINE = "strong, em, sub, sup, a";

  const files = new Map();
  const file = (name) => {
    if (!files.has(name)) {
      const asked = fetch(new URL(name, here)).then((answer) => {
        if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
        return name.endsWith(".json") ? answer.json() : answer.text();
      });
      asked.catch(() => files.delete(name));
      files.set(name, asked);
    }
    return files.get(name);
  };

  // -- the same as search_index.py --------------------------------------------------------------------------
  const INVISIBLE = /[\u00ad\u200b-\u200f\u2060\ufeff]/g;
  const normal = (text) => text.replace(INVISIBLE, "").normalize("NFKC").toLowerCase().replaceAll("ς", "σ");
  const terms = (text) => {
    const found = new Set();
    for (const segment of text.match(/[\p{L}\p{N}]+/gu) || []) {
      const units = segment.match(/[\u2e80-\u{10ffff}]|[^\u2e80-\u{10ffff}]+/gu).map((unit) => [...unit].slice(0, LONGEST).join(""));
      units.forEach((unit, place) => {
        if (unit < CJK) found.add(unit);
        if (place) found.add(units[place - 1] + unit);
      });
    }
    return found;
  };
  const shardOf = (term, shards) => {
    let value = 0;
    for (const character of term) value = (value * 33 + character.codePointAt(0)) % PRIME;
    return value % shards;
  };

  // -- the stories that have all terms, the newest first --------------------------------------------
  const placesOf = async (term, shards) => {
    const lists = await file(`terms/${shardOf(term, shards)}.json`);
    const steps = Object.hasOwn(lists, term) ? lists[term] : [];
    let place = 0;
    return steps.map((step) => (place += step));
  };
  const inAll = async (wanted, shards) => {
    const lists = await Promise.all(wanted.map((term) => placesOf(term, shards)));
    lists.sort((one, other) => one.length - other.length);
    return lists.reduce((left, next) => {
      const has = new Set(next);
      return left.filter((place) => has.has(place));
    });
  };

  // -- the story's own page ----------------------------------------------------------------------
  const textOf = (source) => {
    const story = new DOMParser().parseFromString(source, "text/html").querySelector(".story");
    if (!story) return "";
    for (const block of story.querySelectorAll(`:not(${INLINE})`)) {
      block.before("\n");
      block.append("\n");
    }
    return story.textContent;
  };
  const characters = new Intl.Segmenter("zh", { granularity: "grapheme" });
  // Return start and end of a phrase in a text as shown; text and phrase are compared in their normal form.
  const find = (text, phrase) => {
    let compared = "";
    const from = [];
    let at = 0;
    for (const { segment } of characters.segment(text)) {
      const plain = normal(segment);
      for (let n = 0; n < plain.length; n++) from.push(at);
      compared += plain;
      at += segment.length;
    }
    from.push(at);
    const start = compared.indexOf(phrase);
    return start < 0 ? null : [from[start], from[start + phrase.length]];
  };
  const marked = (element, text, place) => {
    if (!place) {
      element.append(text);
      return;
    }
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
  const shown = async ([page, title, time, section], phrases) => {
    // A page that is missing must not end the search.
    const text = textOf(await file(`../story/${page}.html`).catch(() => ""));
    const places = phrases.map((phrase) => find(text, phrase));
    if (!phrases.every((phrase, n) => places[n] || find(title, phrase))) return null;
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = new URL(`../story/${page}.html`, here);
    marked(link, title, find(title, phrases[0]));
    const about = document.createElement("span");
    about.className = "count";
    about.textContent = `${time} ${section}`;
    item.append(link, about);
    const place = places.find(Boolean);
    if (place) {
      const said = document.createElement("p");
      marked(said, ...around(text, place));
      item.append(said);
    }
    return item;
  };

  // -- the page ----------------------------------------------------------------------------------
  let asked = 0;
  const search = async (words) => {
    const question = ++asked;
    const over = () => question !== asked;
    list.replaceChildren();
    more.hidden = true;
    const phrases = normal(words).split(/\s+/).filter(Boolean);
    const wanted = [...new Set(phrases.flatMap((phrase) => [...terms(phrase)]))];
    if (!phrases.length) {
      status.textContent = "";
      return;
    }
    if (!wanted.length) {
      status.textContent = "请至少输入两个连在一起的字。";
      return;
    }
    status.textContent = "正在搜索……";
    const { shards, together } = await file("index.json");
    const all = await inAll(wanted, shards);
    const titled = new Set(await inAll(wanted.map((term) => IN_TITLE + term), shards));
    const left = [...all.filter((place) => titled.has(place)), ...all.filter((place) => !titled.has(place))];
    let count = 0;
    const go = async () => {
      more.hidden = true;
      const until = count + AT_ONCE;
      while (left.length && count < until) {
        const next = left.splice(0, until - count);
        const rows = await Promise.all(
          next.map(async (place) => (await file(`stories/${Math.floor(place / together)}.json`))[place % together])
        );
        const items = (await Promise.all(rows.map((row) => shown(row, phrases)))).filter(Boolean);
        if (over()) return;
        list.append(...items);
        count += items.length;
      }
      status.textContent = left.length ? `约 ${count + left.length} 篇，已显示 ${count} 篇` : count ? `${count} 篇` : "没有找到。";
      more.hidden = !left.length;
    };
    if (over()) return;
    more.onclick = () => go().catch(failed);
    await go();
  };
  const failed = () => {
    status.textContent = "搜索没有成功，请稍后再试。";
  };
  const fromAddress = () => {
    const words = new URLSearchParams(location.search).get("q") || "";
    form.elements.q.value = words;
    search(words).catch(failed);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = new URL(location);
    address.searchParams.set("q", form.elements.q.value);
    history.pushState(null, "", address);
    fromAddress();
  });
  addEventListener("popstate", fromAddress);
  form.hidden = false;
  fromAddress();
})();
