"use strict";
// Sorting, filtering, choosing, tips, CSV, and the switch between light and dark. Without it the page has
// everything, too.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const said = document.getElementById("said");
  const say = (text) => { said.textContent = text; };

  // Light and dark

  const root = document.documentElement;
  const theme = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const showTheme = () => theme.setAttribute("aria-pressed", String(dark()));
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    showTheme();
  });
  system.addEventListener("change", showTheme);
  showTheme();

  // Tables

  const order = new Intl.Collator("en", { numeric: true }).compare;
  const number = (cell) => (cell && cell.dataset.v !== undefined ? Number(cell.dataset.v) : null);
  const words = (cell) => (cell ? cell.textContent.trim() : "");
  const missing = (text) => text === "" || text === "-";

  function compare(a, b, sign) { // what is not there comes last, whichever way
    if (a.number !== null && b.number !== null) return sign * (a.number - b.number);
    if (a.number !== null || b.number !== null) return a.number !== null ? -1 : 1;
    if (missing(a.text) || missing(b.text)) return missing(a.text) - missing(b.text);
    return sign * order(a.text, b.text);
  }

  function sort(header) {
    const table = header.closest("table");
    const body = table.tBodies[0];
    const column = header.cellIndex;
    const down = header.getAttribute("aria-sort") === "ascending";
    const keyed = [...body.rows].map((row) => {
      const cell = row.cells[column];
      return { row, number: number(cell), text: words(cell) };
    });
    keyed.sort((a, b) => compare(a, b, down ? -1 : 1));
    body.append(...keyed.map((each) => each.row));
    limit(table);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    say(`Sorted by ${header.textContent.trim()}, ${down ? "descending" : "ascending"}`);
  }

  // Of a long table the first rows are shown, in whatever order: laying out thousands takes seconds

  const FIRST = 100;
  const unwanted = new WeakSet(); // rows that the filter leaves out
  const whole = new WeakSet(); // tables that somebody wants to see to the end

  function limit(table) {
    let fitting = 0;
    const most = whole.has(table) ? Infinity : FIRST;
    for (const row of table.tBodies[0].rows) {
      const fits = !unwanted.has(row);
      fitting += fits;
      const hide = !fits || fitting > most;
      if (row.hidden !== hide) row.hidden = hide;
    }
    const more = table.closest(".scroll").nextElementSibling.querySelector(".more");
    more.hidden = fitting <= most;
    more.textContent = `Show all ${fitting} rows`;
  }

  function field(cell) { // no spreadsheet takes text for a formula
    let text = cell.dataset.v !== undefined ? cell.dataset.v : words(cell);
    if (cell.dataset.v === undefined && /^[=+\-@]./.test(text)) text = "'" + text;
    if (cell.dataset.v === undefined && text === "-") text = "";
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function download(table) {
    const rows = [...table.rows].filter((row) => !unwanted.has(row)); // also those not shown yet
    offer(rows.map((row) => [...row.cells].map(field).join(",")).join("\r\n") + "\r\n", table.dataset.csv);
  }

  function offer(text, title) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const name = title.replace(/[^A-Za-z0-9._+-]+/g, "-").slice(0, 120);
    const link = make("a", { href: address, download: `${name}.csv`, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  function prepare(table) {
    for (const header of table.tHead.rows[0].cells) {
      const button = make("button", { type: "button", textContent: header.textContent });
      header.replaceChildren(button);
    }
    const save = make("button", { type: "button", textContent: "CSV" });
    save.setAttribute("aria-label", `Download ${table.caption.textContent} as CSV`);
    save.addEventListener("click", () => download(table));
    const more = make("button", { type: "button", className: "more" });
    more.addEventListener("click", () => {
      whole.add(table);
      limit(table);
      table.closest(".scroll").focus();
    });
    const under = make("div", { className: "under" });
    under.append(save, more);
    table.closest(".scroll").after(under);
    limit(table);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("thead button");
    if (button) sort(button.closest("th"));
  });
  for (const table of all("table")) prepare(table);

  // The data of a plot: CSV that becomes a table when somebody opens it

  function parse(text) {
    const rows = [[]];
    for (const found of text.matchAll(/("(?:[^"]|"")*"|[^,\n]*)(,|\n|$)/g)) {
      const quoted = found[1].startsWith('"');
      rows.at(-1).push(quoted ? found[1].slice(1, -1).replaceAll('""', '"') : found[1]);
      if (found[2] === "\n") rows.push([]);
      if (found[2] === "") break;
    }
    return rows;
  }

  function tabulate(data) {
    const [headers, ...rows] = parse(data.textContent);
    const table = make("table");
    table.dataset.csv = data.dataset.csv;
    table.createCaption().textContent = `Data of ${data.dataset.csv}`;
    table.caption.className = "hidden";
    const head = table.createTHead().insertRow();
    head.append(...headers.map((text) => make("th", { scope: "col", textContent: text })));
    const body = table.createTBody();
    for (const row of rows) {
      body.insertRow().append(...row.map((text, index) => {
        const cell = make(index ? "td" : "th", { textContent: text });
        if (!index) cell.scope = "row";
        if (/^-?\d+(\.\d+)?(e[-+]?\d+)?$/.test(text)) cell.dataset.v = text;
        return cell;
      }));
    }
    const scroll = make("div", { className: "scroll", tabIndex: 0 });
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", table.caption.textContent);
    scroll.append(table);
    data.replaceWith(scroll);
    prepare(table);
  }

  for (const folded of all("details.data")) {
    folded.addEventListener("toggle", () => tabulate(folded.querySelector("pre")), { once: true });
  }

  // What is shown: what fits every word of the filter, or else the group that was chosen.
  // KEY=VALUE is a parameter; any other word is a part of a text, or a number as it stands.

  const filter = document.getElementById("filter");
  const choices = all("select[data-panels]");
  const memory = new WeakMap();

  function remembered(node, work) {
    if (!memory.has(node)) memory.set(node, work(node));
    return memory.get(node);
  }

  const lower = (text) => text.trim().toLowerCase();
  const columns = (table) => [...table.tHead.rows[0].cells].map((cell) => lower(cell.textContent).split(" ")[0]);
  const ofRow = (row) => {
    const names = remembered(row.closest("table"), columns);
    const found = { name: lower(row.cells[0].textContent), text: "", numbers: new Set(), values: new Map() };
    [...row.cells].forEach((cell, index) => {
      const text = lower(cell.textContent);
      if (cell.dataset.v === undefined) found.text += ` ${text}`;
      else found.numbers.add(text);
      found.values.set(names[index], text);
    });
    return found;
  };
  const ofPanel = (panel) => ({
    name: lower(panel.querySelector("h3").textContent), text: lower(panel.textContent), numbers: new Set(),
    values: new Map(),
  });

  const WORDS = ["backend", "algorithm", "op"]; // parameters that are words
  const escape = (text) => text.replace(/[^\w ]/g, "\\$&");

  function agrees(node, word) {
    const [key, value] = word.split(/=(.*)/s, 2);
    if (value === undefined) return node.text.includes(word) || node.numbers.has(word);
    const name = key === "request_size" ? "size" : key;
    if (WORDS.includes(name)) return node.text.includes(value);
    if (node.values.has(name)) return node.values.get(name) === value;
    const said = name === "size" ? `${escape(value)} b` : `${escape(name)} ${escape(value)}`;
    const speaks = name === "size" ? / \d+ b\b/ : new RegExp(`\\b${escape(name)} `);
    return !speaks.test(node.name) || new RegExp(`(^|[ ,])${said}($|[ ,])`).test(node.name);
  }

  const chosen = (panel) => {
    const choice = choices.find((each) => each.dataset.panels === panel.parentElement.id);
    return !choice || !choice.value || choice.value === panel.dataset.group;
  };
  const filtered = all("table").filter((table) => !table.closest("#environment, #glance, .panel"));

  function show() {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (node, read) => wanted.every((word) => agrees(remembered(node, read), word));
    for (const panel of all(".panel")) panel.hidden = wanted.length ? !fits(panel, ofPanel) : !chosen(panel);
    for (const choice of choices) choice.disabled = wanted.length > 0;
    let rows = 0;
    let shown = 0;
    for (const table of filtered) {
      for (const row of table.tBodies[0].rows) {
        const fit = fits(row, ofRow);
        if (fit) unwanted.delete(row);
        else unwanted.add(row);
        if (table.dataset.csv === "cases") {
          rows += 1;
          shown += fit;
        }
      }
      limit(table);
    }
    say(wanted.length ? `${shown} of ${rows} cases` : "");
  }

  let soon = 0;
  filter.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(show, 120);
  });
  for (const choice of choices) {
    choice.closest("[hidden]").hidden = false;
    choice.addEventListener("change", show);
  }
  document.querySelector(".tools").hidden = false;
  show();

  // Tips: the nearest point of a plot says what it is

  const tip = make("div", { id: "tip", hidden: true });
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);

  function near(plot, x, y) {
    let best = null;
    let least = 32;
    for (const point of all("[data-t]", plot)) {
      const box = point.getBoundingClientRect();
      const aside = Math.max(box.left - x, 0, x - box.right);
      const above = Math.max(box.top - y, 0, y - box.bottom);
      const distance = Math.hypot(aside, above);
      if (distance < least) [best, least] = [point, distance];
    }
    return best;
  }

  function point(event) {
    const plot = event.target.closest && event.target.closest("svg.plot");
    const found = plot && near(plot, event.clientX, event.clientY);
    tip.hidden = !found;
    if (!found) return;
    tip.textContent = found.dataset.t;
    const wide = tip.offsetWidth;
    const left = Math.min(event.clientX + 14, innerWidth - wide - 6);
    const top = event.clientY - tip.offsetHeight - 12;
    tip.style.left = `${Math.max(6, left)}px`;
    tip.style.top = `${top < 4 ? event.clientY + 18 : top}px`;
  }
  document.addEventListener("pointermove", point, { passive: true });
  document.addEventListener("pointerdown", point, { passive: true });
  document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
})();
