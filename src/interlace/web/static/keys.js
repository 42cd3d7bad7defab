// Keys: a part of a page says by aria-keyshortcuts which key leads to it; the others are listed below.
"use strict";

window.interlace = (() => {
  const ROWS = "main .list tbody tr";
  const PARTS = "#tell, .menu, .sections, main .views, main .actions, main .list-tools, main .list, main .fast-tab > summary, main .fact-boxes, main .decision";
  const IN_ROW = "a, button:not(.row-menu), input";
  const FIELD = "input:not([type=hidden]), select, textarea";
  const MOVES = ["Control+A", "Control+Home", "Control+End", "Control+ArrowDown", "Control+ArrowUp", "Control+ ", "ArrowRight", "ArrowLeft"];

  const find = (selector) => document.querySelector(selector);
  const isSeen = (each) => each.getClientRects().length > 0;
  const isTyping = (target) => target.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

  // A keyboard of another script has its letters in the same places.
  function letterOf(event) {
    const isOther = event.key.length === 1 && !/[ -~]/.test(event.key);
    const letter = isOther && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key;
    return letter.length === 1 ? letter.toUpperCase() : letter;
  }

  function chordOf(event) {
    const key = letterOf(event);
    // Shift is part of a character already, where nothing else is held.
    const isShifted = event.shiftKey && (key.length > 1 || event.ctrlKey || event.altKey);
    return [event.ctrlKey && "Control", event.altKey && "Alt", isShifted && "Shift", key].filter(Boolean).join("+");
  }

  function focusOn(target) {
    if (!target.matches("a, button, input, select, textarea, summary, [tabindex]")) target.tabIndex = -1;
    target.focus();
    target.scrollIntoView({ block: "nearest" });
    return true;
  }

  // What carries the shortcut is pressed, entered, or opened and entered.
  function activate(found) {
    if (found.matches("a, button")) { found.click(); return; }
    if (found.matches(FIELD)) { found.focus(); found.select?.(); return; }
    const part = found.matches("summary") ? found.parentElement : found;
    const field = part.querySelector(FIELD);
    if (part.matches("details")) part.open = field ? true : !part.open;
    // A choice is entered where it stands now.
    const choice = part.matches("details.switch[open]") && (part.querySelector("[aria-current]") || part.querySelector("a"));
    if (field) field.focus(); else focusOn(choice || found);
  }

  // In lists: rows, the values of a row, what is chosen, and filters to a value.

  const current = () => document.activeElement?.closest?.(ROWS);

  function toRow(placeOf) {
    const rows = [...document.querySelectorAll(ROWS)].filter(isSeen);
    if (!rows.length) return false;
    const row = rows[Math.min(rows.length - 1, Math.max(0, placeOf(rows)))];
    return focusOn(row.querySelector(IN_ROW) || row);
  }

  function toValue(step) {
    if (!current() || document.activeElement.matches("[type=radio]")) return false;
    const cell = document.activeElement.closest("td, th");
    const next = !cell ? current().cells[0] : step > 0 ? cell.nextElementSibling : cell.previousElementSibling;
    return next ? focusOn(next.querySelector(IN_ROW) || next) : false;
  }

  function chooseAll() {
    const box = find("[data-check-all]");
    if (!box) return false;
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  function chooseRow() {
    const box = current()?.querySelector(".check input");
    box?.click();
    return Boolean(box);
  }

  function filterToValue() {
    const cell = document.activeElement?.closest?.("[data-filter-by]");
    return cell ? filterTo(cell) : false;
  }

  function filterTo(cell) {
    const to = new URL(location.href);
    to.searchParams.set(cell.dataset.filterBy, cell.dataset.filterValue);
    to.searchParams.delete("cursor");
    location.assign(to);
    return true;
  }

  function rowMenu() {
    const row = current();
    const at = document.activeElement;
    return row ? window.interlace.openRowMenu(row, at === row ? row.cells[0] : at) : false;
  }

  // A value that is pointed at is the one that is filtered to.
  document.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest?.("[data-filter-by]");
    if (cell) cell.tabIndex = -1;
  });

  // On any page.

  function toPart(step) {
    const parts = [...document.querySelectorAll(PARTS)].filter(isSeen);
    const at = parts.findLastIndex((each) => each.contains(document.activeElement));
    const part = parts[at < 0 ? (step > 0 ? 0 : parts.length - 1) : (at + step + parts.length) % parts.length];
    if (!part) return false;
    const first = part.matches("[tabindex], summary, input") ? part : part.querySelector("a, button, summary, input:not([type=hidden])");
    return focusOn(first || part);
  }

  function fold() {
    const tab = document.activeElement?.closest?.("details.fast-tab") || find("details.fast-tab");
    if (tab) tab.open = !tab.open;
    return Boolean(tab);
  }

  function facts() {
    const card = find(".with-facts");
    card?.classList.toggle("without-facts");
    return Boolean(card);
  }

  function save() {
    const form = document.activeElement?.closest?.("main form") || find("form[data-kept]");
    const button = form?.querySelector('[aria-keyshortcuts~="Control+Enter"]');
    button?.click();
    return Boolean(button);
  }

  function lookAgain() {
    if (!find("[data-live-region]")) return false;
    document.dispatchEvent(new Event("look-again"));
    return true;
  }

  // What a value, a heading or an action says when the mouse rests on it.
  function explain() {
    const at = document.activeElement;
    const cell = at?.closest?.("td, th");
    const head = cell?.closest("table").tHead?.rows[0]?.cells[cell.cellIndex];
    const text = at?.closest?.("main [title]")?.title || cell?.querySelector("[title]")?.title || head?.title;
    if (!text || at.matches("select")) return false;
    let shown = document.getElementById("explained");
    if (!shown) {
      shown = document.createElement("div");
      shown.id = "explained";
      shown.setAttribute("role", "status");
      document.body.append(shown);
    }
    shown.textContent = text;
    at.addEventListener("blur", () => shown.remove(), { once: true });
    return true;
  }

  function showKeys() {
    const keys = document.getElementById("keys");
    if (!keys) return false;
    keys.querySelectorAll("[data-needs]").forEach((each) => { each.hidden = !find(each.dataset.needs); });
    keys.showModal();
    return true;
  }

  const chords = {
    "Alt+F2": facts,
    "Alt+F3": filterToValue,
    "Alt+F6": fold,
    "Alt+ArrowUp": explain,
    "Control+Enter": save,
    "Control+A": chooseAll,
    "Control+ ": chooseRow,
    "Control+Home": () => toRow(() => 0),
    "Control+End": () => toRow((rows) => rows.length - 1),
    "F5": lookAgain,
    "F6": () => toPart(1),
    "Shift+F6": () => toPart(-1),
    "ArrowRight": () => toValue(1),
    "ArrowLeft": () => toValue(-1),
    "Shift+F10": rowMenu,
    "ContextMenu": rowMenu,
    "J": () => toRow((rows) => rows.indexOf(current()) + 1),
    "K": () => toRow((rows) => rows.indexOf(current()) - 1),
    "?": showKeys,
  };

  function press(chord) {
    if (chords[chord]) return chords[chord]();
    const shortcut = `[aria-keyshortcuts~="${CSS.escape(chord)}"]`;
    const all = [...document.querySelectorAll(shortcut)];
    // What every row has is the current one's. A link leads on from a closed part of the page, too.
    const found = current()?.querySelector(shortcut) || all.find(isSeen) || all.find((each) => each.matches("a"));
    if (found) activate(found);
    return Boolean(found);
  }

  // The switch covers the page: it closes with Esc, and when something else is entered.
  function closeSwitch(isKept) {
    const opened = find("details.switch[open]");
    if (!opened || isKept(opened)) return false;
    opened.open = false;
    return opened;
  }

  for (const kind of ["pointerdown", "focusin"]) {
    document.addEventListener(kind, (event) => closeSwitch((opened) => opened.contains(event.target)));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !find("dialog[open]")) closeSwitch(() => false)?.firstElementChild?.focus();
    if (event.metaKey || event.isComposing || find("dialog[open]")) return;
    const chord = chordOf(event);
    const isOfText = MOVES.includes(chord) || event.key.length === 1 && !event.ctrlKey && !event.altKey;
    if (isOfText && isTyping(event.target)) return;
    if (press(chord)) event.preventDefault();
  });

  return { letterOf, filterTo };
})();
